//! Two samples in one order, with the largest distance of their distribution functions.

/// The sample that stands for normal, and the one compared with it.
pub(in crate::stream) const OLDER: usize = 0;
pub(in crate::stream) const NEWER: usize = 1;

/// No node.
const NONE: usize = 0;

/// More levels than a balanced tree of 2^32 values has.
const MOST_LEVELS: usize = 64;

/// A value, how often each sample has it, and sums over the values below it in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Node {
    value: f64,
    counts: [u32; 2],
    children: [u32; 2],
    height: u32,
    /// Weight of all values of the subtree; the largest and the smallest weight of a part of
    /// it from the left on, between groups of equal values, 0 for none.
    total: i64,
    highest: i64,
    lowest: i64,
}

/// The values of two samples in ascending order, as a balanced tree (Adelson-Velsky and
/// Landis) with a node for each different one.
///
/// Every older value weighs `weights[OLDER]`, every newer one -`weights[NEWER]`. With the sizes
/// n and m and weights m / g and n / g, g their greatest common divisor, the weight of all
/// values up to x is F(x) - G(x) in units of 1 / lcm(n, m). Ties are exact: a value is one
/// node. The height is below 1.45 log2(values + 2), whatever the order in which they come.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::stream) struct DeviationTree {
    /// The first one stands for none.
    nodes: Vec<Node>,
    free: Vec<u32>,
    root: usize,
    weights: [i64; 2],
}

impl DeviationTree {
    pub(in crate::stream) fn new(weights: [i64; 2]) -> Self {
        Self {
            nodes: vec![Node::default()],
            weights,
            ..Self::default()
        }
    }

    pub(in crate::stream) fn clear(&mut self) {
        self.nodes.truncate(1);
        self.free.clear();
        self.root = NONE;
    }

    /// The largest F(x) - G(x) and the smallest, at most and at least 0.
    pub(in crate::stream) fn deviations(&self) -> (i64, i64) {
        let root = &self.nodes[self.root];
        (root.highest, root.lowest)
    }

    /// Adds a value to a sample.
    pub(in crate::stream) fn add(&mut self, x: f64, sample: usize) {
        let mut path = Path::default();
        let found = self.find(x, &mut path);
        if found != NONE {
            self.nodes[found].counts[sample] += 1;
        } else {
            let node = self.take_node(x);
            self.nodes[node].counts[sample] = 1;
            match path.last() {
                Some(parent) => {
                    let side = usize::from(self.nodes[parent].value < x);
                    self.nodes[parent].children[side] = node as u32;
                }
                None => self.root = node,
            }
            path.push(node);
        }
        self.mend(&path);
    }

    /// Takes a value out of a sample that has it.
    pub(in crate::stream) fn remove(&mut self, x: f64, sample: usize) {
        let mut path = Path::default();
        let found = self.find(x, &mut path);
        if found == NONE || self.nodes[found].counts[sample] == 0 {
            return;
        }
        self.nodes[found].counts[sample] -= 1;
        if self.nodes[found].counts == [0; 2] {
            self.unlink(found, &mut path);
        }
        self.mend(&path);
    }

    /// Makes a newer value that is there an older one.
    pub(in crate::stream) fn age(&mut self, x: f64) {
        let mut path = Path::default();
        let found = self.find(x, &mut path);
        if found == NONE || self.nodes[found].counts[NEWER] == 0 {
            return;
        }
        self.nodes[found].counts[NEWER] -= 1;
        self.nodes[found].counts[OLDER] += 1;
        for &node in path.rising() {
            self.sum(node);
        }
    }

    /// The node of a value; `path` leads to it, or to where it belongs.
    fn find(&self, x: f64, path: &mut Path) -> usize {
        let mut at = self.root;
        while at != NONE {
            path.push(at);
            let node = &self.nodes[at];
            if node.value == x {
                return at;
            }
            at = node.children[usize::from(node.value < x)] as usize;
        }
        NONE
    }

    fn take_node(&mut self, value: f64) -> usize {
        let node = Node {
            value,
            ..Node::default()
        };
        match self.free.pop() {
            Some(at) => {
                self.nodes[at as usize] = node;
                at as usize
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() - 1
            }
        }
    }

    /// Takes the last node of the path out of the tree.
    fn unlink(&mut self, node: usize, path: &mut Path) {
        let [left, right] = self.nodes[node].children.map(|child| child as usize);
        if left == NONE || right == NONE {
            path.pop();
            self.replace(path.last(), node, left.max(right));
            self.free.push(node as u32);
            return;
        }
        // The next larger value takes its place.
        let mut next = right;
        path.push(next);
        while self.nodes[next].children[0] as usize != NONE {
            next = self.nodes[next].children[0] as usize;
            path.push(next);
        }
        self.nodes[node].value = self.nodes[next].value;
        self.nodes[node].counts = self.nodes[next].counts;
        self.unlink(next, path);
    }

    /// Hangs `other` where `node` was below `parent`.
    fn replace(&mut self, parent: Option<usize>, node: usize, other: usize) {
        let Some(parent) = parent else {
            self.root = other;
            return;
        };
        for child in &mut self.nodes[parent].children {
            if *child as usize == node {
                *child = other as u32;
                return;
            }
        }
    }

    /// Sums up and balances from the end of the path to the root.
    fn mend(&mut self, path: &Path) {
        let mut nodes = path.rising().peekable();
        while let Some(&node) = nodes.next() {
            self.sum(node);
            let [left, right] = self.heights(node);
            if left.abs_diff(right) > 1 {
                let top = self.balance(node);
                self.replace(nodes.peek().map(|&&parent| parent), node, top);
            }
        }
    }

    fn heights(&self, node: usize) -> [u32; 2] {
        let children = self.nodes[node].children;
        children.map(|child| self.nodes[child as usize].height)
    }

    /// Rotates until the heights below `node` differ by 1 at most; what is on top then.
    fn balance(&mut self, node: usize) -> usize {
        let [left, right] = self.heights(node);
        let heavy = usize::from(right > left);
        let child = self.nodes[node].children[heavy] as usize;
        let below = self.heights(child);
        if below[1 - heavy] > below[heavy] {
            let top = self.rotate(child, 1 - heavy);
            self.nodes[node].children[heavy] = top as u32;
        }
        self.rotate(node, heavy)
    }

    /// Lifts the child on `side` above `node`.
    fn rotate(&mut self, node: usize, side: usize) -> usize {
        let child = self.nodes[node].children[side] as usize;
        self.nodes[node].children[side] = self.nodes[child].children[1 - side];
        self.nodes[child].children[1 - side] = node as u32;
        self.sum(node);
        self.sum(child);
        child
    }

    /// Brings what a node knows of its subtree up to date.
    #[inline]
    fn sum(&mut self, node: usize) {
        let Node {
            counts, children, ..
        } = self.nodes[node];
        let [left, right] = children.map(|child| &self.nodes[child as usize]);
        let own = self.weights[OLDER] * i64::from(counts[OLDER])
            - self.weights[NEWER] * i64::from(counts[NEWER]);
        let here = left.total + own;
        let height = 1 + left.height.max(right.height);
        let total = here + right.total;
        let highest = left.highest.max(here + right.highest);
        let lowest = left.lowest.min(here + right.lowest);
        let known = &mut self.nodes[node];
        known.height = height;
        known.total = total;
        known.highest = highest;
        known.lowest = lowest;
    }
}

/// Nodes from the root down.
struct Path {
    nodes: [usize; MOST_LEVELS],
    len: usize,
}

impl Default for Path {
    fn default() -> Self {
        Self {
            nodes: [NONE; MOST_LEVELS],
            len: 0,
        }
    }
}

impl Path {
    fn push(&mut self, node: usize) {
        self.nodes[self.len] = node;
        self.len += 1;
    }

    fn pop(&mut self) {
        self.len -= 1;
    }

    fn last(&self) -> Option<usize> {
        self.nodes[..self.len].last().copied()
    }

    fn rising(&self) -> impl Iterator<Item = &usize> {
        self.nodes[..self.len].iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Height, if the order, the balance and the sums of a subtree are right.
    fn height(tree: &DeviationTree, node: usize, from: f64, to: f64) -> u32 {
        if node == NONE {
            return 0;
        }
        let known = tree.nodes[node];
        assert!(from < known.value && known.value < to);
        let [left, right] = known.children.map(|child| child as usize);
        let below = [
            height(tree, left, from, known.value),
            height(tree, right, known.value, to),
        ];
        assert!(below[0].abs_diff(below[1]) <= 1);
        assert_eq!(known.height, 1 + below[0].max(below[1]));
        known.height
    }

    #[test]
    fn stays_balanced_and_right_in_any_order() {
        let orders: [fn(u64) -> u64; 4] = [
            |i| i,
            |i| 1_000 - i,
            |i| i * 7_919 % 1_009,
            |i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58,
        ];
        for order in orders {
            let mut tree = DeviationTree::new([3, 2]);
            let mut held: Vec<(f64, usize)> = Vec::new();
            for i in 0..900 {
                let (x, sample) = (order(i) as f64, (i % 3 / 2) as usize);
                tree.add(x, sample);
                held.push((x, sample));
                if i % 4 == 3 {
                    let (x, sample) = held.swap_remove((i / 2) as usize % held.len());
                    tree.remove(x, sample);
                }
                if i % 5 == 4
                    && let Some(newer) = held.iter_mut().find(|value| value.1 == NEWER)
                {
                    newer.1 = OLDER;
                    let x = newer.0;
                    tree.age(x);
                }
                height(&tree, tree.root, f64::NEG_INFINITY, f64::INFINITY);
                if i % 29 == 0 {
                    let mut sorted = held.clone();
                    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
                    let (mut highest, mut lowest, mut weight) = (0, 0, 0);
                    for (place, &(x, sample)) in sorted.iter().enumerate() {
                        weight += [3, -2][sample];
                        if sorted.get(place + 1).is_none_or(|next| next.0 > x) {
                            highest = highest.max(weight);
                            lowest = lowest.min(weight);
                        }
                    }
                    assert_eq!(tree.deviations(), (highest, lowest));
                }
            }
            for (x, sample) in held {
                tree.remove(x, sample);
            }
            assert_eq!((tree.root, tree.deviations()), (NONE, (0, 0)));
            assert_eq!(tree.free.len() + 1, tree.nodes.len());
        }
    }
}

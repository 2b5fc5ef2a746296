//! Which rows are drawn: by content, whatever their order.

use driftline::table::joint::Sampler;
use driftline::table::{RowCounts, label_cell, number_cell};

/// What is drawn of rows of one number each.
fn draw(rows: &[u32], size: usize, seed: u64, with_copies: bool) -> Vec<u32> {
    let (mut counts, mut sampler) = (RowCounts::default(), Sampler::new(size, seed));
    for &row in rows {
        let hash = number_cell(f64::from(row));
        sampler.offer(hash, counts.add(hash), || row);
    }
    sampler.rows(with_copies).into_iter().copied().collect()
}

#[test]
fn any_order_draws_the_same_rows() {
    let rows: Vec<u32> = (0..3001).map(|i| i * i % 997).collect();
    for with_copies in [true, false] {
        let expected = draw(&rows, 100, 0, with_copies);
        assert_eq!(expected.len(), 100);
        for step in [2, 7, 1500] {
            let order = (0..rows.len()).map(|i| rows[i * step % rows.len()]);
            assert_eq!(
                draw(&order.collect::<Vec<_>>(), 100, 0, with_copies),
                expected
            );
        }
        assert_ne!(draw(&rows, 100, 1, with_copies), expected);
    }
    let mut all = draw(&rows, 5000, 0, true);
    let mut sorted = rows.clone();
    all.sort_unstable();
    sorted.sort_unstable();
    assert_eq!(all, sorted);
}

#[test]
fn copies_are_drawn_as_often_as_they_occur() {
    // Half of the rows are copies of one.
    let rows: Vec<u32> = (0..4000).map(|i| if i % 2 == 0 { 0 } else { i }).collect();
    for seed in 0..20 {
        let copies = draw(&rows, 400, seed, true)
            .iter()
            .filter(|row| **row == 0)
            .count();
        // 200, give or take four standard deviations of 9.5.
        assert!((162..=238).contains(&copies), "{copies}");
        let drawn = draw(&rows, 400, seed, false);
        assert!(drawn.iter().filter(|row| **row == 0).count() <= 1);
    }
}

#[test]
fn every_row_has_the_same_chance() {
    let mut drawn = [0u32; 50];
    let labels: Vec<String> = (0..50).map(|i| format!("row {i}")).collect();
    for seed in 0..2000 {
        let mut sampler = Sampler::new(10, seed);
        for (i, label) in labels.iter().enumerate() {
            sampler.offer(label_cell(label), None, || i);
        }
        sampler.rows(true).into_iter().for_each(|&i| drawn[i] += 1);
    }
    // 400 each, standard deviation 17.9.
    assert!(
        drawn.iter().all(|count| (328..=472).contains(count)),
        "{drawn:?}"
    );
}

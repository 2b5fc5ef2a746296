//! False discoveries among e-values, hand-computed and simulated.

use driftline::stream::discovery::{ELOND, e_bh};

/// SplitMix64: uniform numbers by 53 bits.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

#[test]
fn e_bh_by_hand() {
    let logs = |values: &[f64]| values.iter().map(|x| x.ln()).collect::<Vec<f64>>();
    let found = |values: &[f64], alpha| e_bh(&logs(values), alpha).unwrap();
    // One alone needs 1 / alpha; the bound itself is enough.
    assert_eq!(found(&[20.0], 0.05), [0]);
    assert_eq!(found(&[19.9], 0.05), [0_usize; 0]);
    // Two of two need 20 each; alone among two, 40.
    assert_eq!(found(&[20.0, 20.0], 0.05), [0, 1]);
    assert_eq!(found(&[39.0, 1.0], 0.05), [0_usize; 0]);
    assert_eq!(found(&[1.0, 40.0], 0.05), [1]);
    // A step up: the third carries the second, which would not do for two (30 each).
    assert_eq!(found(&[25.0, 21.0, 20.5], 0.05), [0, 1, 2]);
    assert_eq!(found(&[0.0, f64::INFINITY, f64::NAN], 0.05), [1]);
    assert_eq!(found(&[], 0.05), [0_usize; 0]);
    for alpha in [0.0, 1.0, f64::NAN] {
        assert!(e_bh(&[1.0], alpha).is_err() && ELOND::new(alpha).is_err());
    }
}

#[test]
fn e_lond_by_hand() {
    let mut procedure = ELOND::new(0.1).unwrap();
    // 2 / 0.1, 6 / 0.1 / 2, 12 / 0.1 / 2, 20 / 0.1 / 3.
    for (e, needed, expected) in [
        (20.5_f64, 20.0_f64, true),
        (29.0, 30.0, false),
        (61.0, 60.0, true),
        (67.0, 200.0 / 3.0, true),
    ] {
        assert!((procedure.limit() - needed.ln()).abs() < 1e-12);
        assert_eq!(procedure.test(e.ln()), expected);
    }
    assert!(!procedure.test(f64::NAN));
    assert!(procedure.test(f64::INFINITY));
    assert_eq!((procedure.n_tests(), procedure.n_discoveries()), (6, 4));
}

#[test]
fn false_discoveries_stay_below_alpha_under_dependence() {
    // Likelihood ratios exp(2 x - 2) of normal values with a common part (correlation 0.8):
    // 15 of 20 hypotheses hold, and their e-values rise together.
    let (alpha, n, rounds) = (0.1, 20, 2000);
    let (mut bh, mut lond, mut power) = (0.0, 0.0, 0.0);
    for seed in 0..rounds {
        let mut random = Random(seed << 20);
        let common = 0.8_f64.sqrt() * random.normal();
        let logs: Vec<f64> = (0..n)
            .map(|i| {
                let x = common + 0.2_f64.sqrt() * random.normal();
                2.0 * (x + if i % 4 == 0 { 4.0 } else { 0.0 }) - 2.0
            })
            .collect();
        let share = |found: &[usize]| {
            let wrong = found.iter().filter(|i| *i % 4 != 0).count();
            wrong as f64 / found.len().max(1) as f64
        };
        let found = e_bh(&logs, alpha).unwrap();
        bh += share(&found);
        power += found.iter().filter(|i| *i % 4 == 0).count() as f64 / 5.0;
        let mut procedure = ELOND::new(alpha).unwrap();
        let online: Vec<usize> = (0..n).filter(|&i| procedure.test(logs[i])).collect();
        lond += share(&online);
    }
    let rounds = rounds as f64;
    assert!(bh / rounds <= alpha, "e-BH: {}", bh / rounds);
    assert!(lond / rounds <= alpha, "e-LOND: {}", lond / rounds);
    assert!(power / rounds > 0.5, "{}", power / rounds);
}

//! The detectors of this room, with all that is said of them.

/// Adds the detectors of this room to `for_each_stream_detector`'s.
macro_rules! for_each_chart {
    ($with:ident $($before:tt)*) => {
        $crate::stream::for_each_error_detector! { $with
            $($before)*
            /// Cumulative sums: how far the values have strayed from their mean, summed up.
            ///
            /// Detects: a small lasting change of the mean, up, down or both; of the
            /// changes by 2 ``delta``, it is the quickest to find them.
            /// Assumes: independent values on the scale of ``delta`` and ``threshold``
            /// (see ``standardise``).
            /// Controls: the average run length: with a known mean and standard
            /// deviations as the unit, 465 at ``delta=0.5, threshold=5`` for normal
            /// values; by calibration otherwise.
            /// Not for: changes of spread or shape; changes within the first
            /// ``min_instances`` values.
            /// Cost: O(1); 48 bytes.
            /// Source: Page, Continuous inspection schemes, Biometrika 41, 1954;
            /// Montgomery, Introduction to Statistical Quality Control, 7th edition,
            /// section 9.1. Without a target, "up" is frouros' CUSUM.
            ///
            /// :param min_instances: values before the first look; 1 with a known mean.
            /// :param delta: what each deviation is lessened by, 0 or more: half of the
            ///     change that is to be found.
            /// :param threshold: the limit of the sums, above 0.
            /// :param target: the known mean, or None for the mean of the values so far.
            /// :param mode: "up", "down" or "both".
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.CUSUM()
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1009])
            CUSUM = "cusum", [
                /// The target, or the mean of the values so far.
                estimation: f64,
                /// Sum of what the values were above their mean and ``delta``.
                upper_sum: f64,
                /// Sum of what they were below.
                lower_sum: f64,
            ] {
                min_instances: "int", usize = 30,
                delta: "float", f64 = 0.005,
                threshold: "float", f64 = 50.0,
                target: "float | None", Option<f64> = None,
                mode: "str", String = "both",
            }
            /// EWMA control chart: a moving average against limits of its own spread.
            ///
            /// Detects: a small or middling lasting change of the mean.
            /// Assumes: independent values; a mean and a standard deviation that are known,
            /// or that ``min_instances`` values tell.
            /// Controls: the average run length: with both known and normal values 560 with
            /// the defaults (limits at 3, ``lambda_val`` 0.2); estimates from 30 values
            /// make it vary widely, half of all runs end within 210 (see ``calibrated``).
            /// Not for: changes of spread or shape; autocorrelated values, unless
            /// calibrated by a history of them; placeholders such as -999, which spoil what
            /// it begins anew with (give ``target`` and ``sigma``, or make them NaN).
            /// Cost: O(1); 104 bytes.
            /// Source: Roberts, Control chart tests based on geometric moving averages,
            /// Technometrics 1, 1959; Montgomery, Introduction to Statistical Quality
            /// Control, 7th edition, section 9.2.
            ///
            /// :param min_instances: values that ``target`` and ``sigma`` are estimated
            ///     from where they are not given, 2 to 1,000,000; more while all are equal.
            /// :param lambda_val: weight of the last value, above 0, at most 1.
            /// :param limit_width: the limit in standard deviations of the average, above 0.
            /// :param warning_width: the limit of the warning zone, likewise.
            /// :param target: the known mean, or None.
            /// :param sigma: the known standard deviation of a value, or None.
            /// :param mode: "up", "down" or "both".
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.EWMAChart()
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1000])
            EWMAChart = "ewma_chart", [
                /// The moving average.
                estimation: Option<f64>,
                /// The mean it is compared with: given or estimated.
                center_line: Option<f64>,
                /// The standard deviation of a value: given or estimated.
                standard_deviation: Option<f64>,
            ] {
                min_instances: "int", usize = 30,
                lambda_val: "float", f64 = 0.2,
                limit_width: "float", f64 = 3.0,
                warning_width: "float", f64 = 2.0,
                target: "float | None", Option<f64> = None,
                sigma: "float | None", Option<f64> = None,
                mode: "str", String = "both",
            }
            /// Geometric moving average of the deviations from the mean so far.
            ///
            /// Detects: a change of the mean, up, down or both, for as long as the mean so
            /// far has not followed.
            /// Assumes: independent values on the scale of ``threshold`` (see
            /// ``standardise``).
            /// Controls: the average run length, by calibration.
            /// Not for: changes of spread or shape; changes within the first
            /// ``min_instances`` values, which move the mean as well.
            /// Cost: O(1); 32 bytes.
            /// Source: Roberts, Control chart tests based on geometric moving averages,
            /// Technometrics 1, 1959, as in MOA; "up" is that of frouros.
            ///
            /// :param min_instances: values before the first look.
            /// :param threshold: the limit of the average, above 0.
            /// :param alpha: weight of the past, from 0 to below 1.
            /// :param mode: "up", "down" or "both".
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.GeometricMovingAverage()
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1022])
            GeometricMovingAverage = "geometric_moving_average", [
                /// Mean of the values so far.
                estimation: f64,
            ] {
                min_instances: "int", usize = 30,
                threshold: "float", f64 = 1.0,
                alpha: "float", f64 = 0.99,
                mode: "str", String = "both",
            }
            /// Page-Hinkley test: the sum of the deviations from the mean so far.
            ///
            /// Detects: a lasting change of the mean, up, down or both.
            /// Assumes: independent values on the scale of ``threshold`` (see
            /// ``standardise``).
            /// Controls: the average run length, by calibration.
            /// Not for: changes of spread or shape; changes within the first
            /// ``min_instances`` values.
            /// Cost: O(1); 64 bytes.
            /// Source: Page, Continuous inspection schemes, Biometrika 41, 1954. As river's
            /// PageHinkley.
            ///
            /// :param min_instances: values before the first look.
            /// :param delta: changes of the mean below it do not count, 0 or more.
            /// :param threshold: the limit of the statistic, above 0.
            /// :param alpha: what the sums are multiplied by at each value, above 0, at
            ///     most 1.
            /// :param mode: "up", "down" or "both".
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.PageHinkley()
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1009])
            PageHinkley = "page_hinkley", [
                /// Mean of the values so far.
                estimation: f64,
            ] {
                min_instances: "int", usize = 30,
                delta: "float", f64 = 0.005,
                threshold: "float", f64 = 50.0,
                alpha: "float", f64 = 0.9999,
                mode: "str", String = "both",
            }
            /// Shewhart's control chart: single values beyond so many standard deviations.
            ///
            /// Detects: a large change of the mean, or of the spread, at once.
            /// Assumes: independent, nearly normal values; a mean and a standard deviation
            /// that are known, or that ``min_instances`` values tell.
            /// Controls: the average run length: with both known and normal values 370.4
            /// with the default limits; estimates from 30 values make it vary widely, half
            /// of all runs end within 260 (see ``calibrated``).
            /// Not for: small changes; heavy tails, where single values are far out; 0 and 1;
            /// placeholders such as -999, which spoil what it begins anew with (give
            /// ``target`` and ``sigma``, or make them NaN).
            /// Cost: O(1); 72 bytes.
            /// Source: Shewhart, Economic control of quality of manufactured product, 1931;
            /// Montgomery, Introduction to Statistical Quality Control, 7th edition,
            /// sections 5.3 and 6.4.
            ///
            /// :param min_instances: values that ``target`` and ``sigma`` are estimated
            ///     from where they are not given, 2 to 1,000,000; more while all are equal.
            /// :param limit_width: the limit in standard deviations, above 0.
            /// :param warning_width: the limit of the warning zone, likewise.
            /// :param target: the known mean, or None.
            /// :param sigma: the known standard deviation, or None.
            /// :param mode: "up", "down" or "both".
            ///
            /// >>> from driftline import stream
            /// >>> detector = stream.Shewhart()
            /// >>> detector.update_many([0, 1] * 500 + [4, 7] * 500)
            /// array([1000])
            Shewhart = "shewhart", [
                /// The mean the values are compared with: given or estimated.
                center_line: Option<f64>,
                /// The standard deviation of a value: given or estimated.
                standard_deviation: Option<f64>,
            ] {
                min_instances: "int", usize = 30,
                limit_width: "float", f64 = 3.0,
                warning_width: "float", f64 = 2.0,
                target: "float | None", Option<f64> = None,
                sigma: "float | None", Option<f64> = None,
                mode: "str", String = "both",
            }
        }
    };
}

pub(crate) use for_each_chart;

//! Maps written down in ascending order of their keys.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For `#[serde(with)]`.
pub(super) fn serialize<'a, M, K, V, S>(map: &'a M, serializer: S) -> Result<S::Ok, S::Error>
where
    &'a M: IntoIterator<Item = (&'a K, &'a V)>,
    K: Ord + Serialize + 'a,
    V: Serialize + 'a,
    S: Serializer,
{
    let mut pairs: Vec<(&K, &V)> = map.into_iter().collect();
    pairs.sort_unstable_by_key(|(key, _)| *key);
    pairs.serialize(serializer)
}

/// For `#[serde(with)]`; refuses keys out of order.
pub(super) fn deserialize<'de, M, K, V, D>(deserializer: D) -> Result<M, D::Error>
where
    M: IntoIterator<Item = (K, V)> + FromIterator<(K, V)>,
    K: Ord + Deserialize<'de>,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let pairs = Vec::<(K, V)>::deserialize(deserializer)?;
    let mut neighbours = pairs.iter().zip(pairs.iter().skip(1));
    if !neighbours.all(|(one, next)| one.0 < next.0) {
        return Err(D::Error::custom("keys out of order"));
    }
    Ok(pairs.into_iter().collect())
}

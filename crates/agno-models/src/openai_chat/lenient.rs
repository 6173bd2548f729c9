//! Fields that servers fill with more than the protocol says.
//!
//! A field of the wrong type must not fail the whole answer: what does not fit is passed over, as
//! an unknown field would be. Texts are borrowed from the input where they hold no escapes.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A text, or nothing.
#[derive(Debug, Default)]
pub(super) struct Text<'a>(pub(super) Option<Cow<'a, str>>);

impl Text<'_> {
    /// The text, if it is there and not empty.
    pub(super) fn filled(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

/// A count, or 0.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count(pub(super) u64);

/// An amount of money in US dollars; a sum with its details counts by its `total_cost`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Money(pub(super) f64);

/// Arguments of a tool call: a text, or by servers that know no better an object.
#[derive(Debug, Default)]
pub(super) struct Arguments<'a>(pub(super) Option<Cow<'a, str>>);

/// The first item of a list that belongs to the first candidate answer, or nothing.
#[derive(Debug)]
pub(super) struct First<T>(pub(super) Option<T>);

impl<T> Default for First<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// One of several candidate answers.
pub(super) trait Candidate {
    /// Which one, from 0.
    fn index(&self) -> u64;
}

/// Passes over anything that a visitor has no use for.
macro_rules! pass_over {
    ($($kind:ident),* $(,)?) => {
        $(pass_over!(@$kind);)*
    };
    (@unit) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (@bool) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (@number) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (@text) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (@seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (@map) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}
pub(super) use pass_over;

/// Takes texts, borrowed where possible.
macro_rules! take_text {
    ($wrap:expr) => {
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok($wrap(Some(Cow::Borrowed(text))))
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok($wrap(Some(Cow::Owned(text.to_owned()))))
        }
        fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
            Ok($wrap(Some(Cow::Owned(text))))
        }
    };
}
pub(super) use take_text;

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            take_text!(Text);
            pass_over!(unit, bool, number, seq, map);
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Arguments<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ArgumentsVisitor;
        impl<'de> Visitor<'de> for ArgumentsVisitor {
            type Value = Arguments<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("arguments")
            }
            take_text!(Arguments);
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                let object = serde_json::Value::deserialize(map)?;
                Ok(Arguments(Some(Cow::Owned(object.to_string()))))
            }
            pass_over!(unit, bool, number, seq);
        }
        deserializer.deserialize_any(ArgumentsVisitor)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountVisitor;
        impl<'de> Visitor<'de> for CountVisitor {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a count")
            }
            fn visit_u64<E>(self, number: u64) -> Result<Count, E> {
                Ok(Count(number))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Count, E> {
                Ok(Count(u64::try_from(number).unwrap_or(0)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Count, E> {
                // Saturates, and is 0 for what is no number.
                Ok(Count(number as u64))
            }
            pass_over!(unit, bool, text, seq, map);
        }
        deserializer.deserialize_any(CountVisitor)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MoneyVisitor;
        impl<'de> Visitor<'de> for MoneyVisitor {
            type Value = Money;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount of money")
            }
            fn visit_u64<E>(self, number: u64) -> Result<Money, E> {
                Ok(Money(number as f64))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Money, E> {
                Ok(Money(number as f64))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Money, E> {
                Ok(Money(number))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Money, A::Error> {
                let mut total = Money::default();
                while let Some(key) = map.next_key::<Cow<'_, str>>()? {
                    if key == "total_cost" {
                        total = map.next_value()?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(total)
            }
            pass_over!(unit, bool, text, seq);
        }
        deserializer.deserialize_any(MoneyVisitor)
    }
}

impl<'de, T: Deserialize<'de> + Candidate> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FirstVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Candidate> Visitor<'de> for FirstVisitor<T> {
            type Value = First<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<First<T>, A::Error> {
                let mut first = None;
                while first.is_none()
                    && let Some(item) = list.next_element::<T>()?
                {
                    first = Some(item).filter(|item| item.index() == 0);
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first))
            }
            pass_over!(unit, bool, number, text, map);
        }
        deserializer.deserialize_any(FirstVisitor(PhantomData))
    }
}

//! Identifiers. Each is a type of its own, so that a session can't be passed where a run is meant.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::Timestamp;

/// Identifies one run of an agent, team or workflow. Shown as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(Uuid);

impl RunId {
    /// A new id: random, but in the order of `time`, so that a database appends instead of writing
    /// all over its index (UUID version 7). Only drivers call this; machines never draw random
    /// numbers.
    pub fn new(time: Timestamp) -> Self {
        Self(new_uuid(time))
    }

    /// The id with the given bits: for tests and for ids that come from elsewhere.
    pub const fn from_u128(bits: u128) -> Self {
        Self(Uuid::from_u128(bits))
    }

    /// The id's bits.
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }

    /// A stable id for the `index`th message of this run (UUID version 5 under the run's id), so
    /// that messages need not store one.
    pub fn message_id(self, index: usize) -> Uuid {
        Uuid::new_v5(&self.0, &(index as u64).to_be_bytes())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunId({})", self.0)
    }
}

impl FromStr for RunId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<T: Into<Arc<str>>> From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &*self.0)
            }
        }
    };
}

text_id! {
    /// Identifies a conversation. Chosen by the client or generated; any text.
    SessionId
}

text_id! {
    /// Identifies the person (or service) on whose behalf a run is made.
    UserId
}

impl SessionId {
    /// A new id: random, but in the order of `time`.
    pub fn new(time: Timestamp) -> Self {
        let mut text = Uuid::encode_buffer();
        Self(Arc::from(
            &*new_uuid(time).hyphenated().encode_lower(&mut text),
        ))
    }
}

fn new_uuid(time: Timestamp) -> Uuid {
    let mut random = [0; 10];
    random.copy_from_slice(Uuid::new_v4().as_bytes().last_chunk().unwrap_or(&[0; 10]));
    Builder::from_unix_timestamp_millis(time.0 / 1000, &random).into_uuid()
}

/// The address of a command: the node of the run tree that issued it and its number within that
/// node. Stable within one journal only. Written as `[node, command]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub struct CommandId {
    /// The node of the run tree; the root is 0.
    pub node: u32,
    /// The command's number within its node, from 0.
    pub command: u32,
}

impl From<(u32, u32)> for CommandId {
    fn from((node, command): (u32, u32)) -> Self {
        Self { node, command }
    }
}

impl From<CommandId> for (u32, u32) {
    fn from(id: CommandId) -> Self {
        (id.node, id.command)
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.node, self.command)
    }
}

//! A conversation that is cheap to share and to compare.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Digest, Message};

/// The messages sent to a model, with a rolling digest of them.
///
/// Cloning costs a reference count. Appending is in place as long as nobody else holds the thread;
/// a driver therefore drops a request before it applies the reply.
#[derive(Clone, Debug)]
pub struct Thread {
    messages: Arc<Vec<Arc<Message>>>,
    digest: u64,
}

impl Thread {
    /// A thread without messages.
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// A thread without messages that has room for `capacity` of them.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            messages: Arc::new(Vec::with_capacity(capacity)),
            digest: Digest::new().finish(),
        }
    }

    /// Appends a message.
    pub fn push(&mut self, message: Arc<Message>) {
        let mut digest = Digest::from(self.digest);
        message.digest(&mut digest);
        self.digest = digest.finish();
        Arc::make_mut(&mut self.messages).push(message);
    }

    /// The messages, oldest first.
    pub fn messages(&self) -> &[Arc<Message>] {
        &self.messages
    }

    /// A number that differs when anything a model would see differs.
    pub const fn digest(&self) -> u64 {
        self.digest
    }
}

impl Default for Thread {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Thread {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest && self.messages == other.messages
    }
}

impl FromIterator<Arc<Message>> for Thread {
    fn from_iter<I: IntoIterator<Item = Arc<Message>>>(messages: I) -> Self {
        let messages = messages.into_iter();
        let mut thread = Self::with_capacity(messages.size_hint().0 + 4);
        for message in messages {
            thread.push(message);
        }
        thread
    }
}

impl Serialize for Thread {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.messages.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Thread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Arc<Message>>::deserialize(deserializer).map(Self::from_iter)
    }
}

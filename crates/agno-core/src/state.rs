//! State of a session, and what a run was given by its caller.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Changes to the top-level keys of a session state; `null` removes a key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatePatch(pub Map<String, Value>);

impl StatePatch {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Applies the changes to `state`.
    pub fn apply(&self, state: &mut Map<String, Value>) {
        for (key, value) in &self.0 {
            if value.is_null() {
                // Keeps the order of the others.
                state.shift_remove(key);
            } else {
                state.insert(key.clone(), value.clone());
            }
        }
    }

    /// Adds the changes of a later patch.
    pub fn extend(&mut self, later: &Self) {
        self.0.extend(later.0.clone());
    }
}

/// The session state as a tool sees it: a JSON object shared by the calls of one run.
///
/// Each change takes effect at once for the other calls of the run and is recorded with the call
/// that made it. It reaches the session when the run ends, and only the keys that were changed.
#[derive(Clone, Default)]
pub struct SessionState {
    values: Arc<Mutex<Map<String, Value>>>,
    /// Where changes are recorded; none for the state of the run as a whole.
    patch: Option<Arc<Mutex<StatePatch>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic of a tool between two map operations leaves the map whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SessionState {
    /// A state with the given values.
    pub fn new(values: Map<String, Value>) -> Self {
        Self {
            values: Arc::new(Mutex::new(values)),
            patch: None,
        }
    }

    /// The same state with an empty record of changes: what one call gets.
    #[must_use]
    pub fn recorder(&self) -> Self {
        Self {
            values: Arc::clone(&self.values),
            patch: Some(Arc::default()),
        }
    }

    /// Takes the changes made through this handle since the last time.
    pub fn take_patch(&self) -> StatePatch {
        self.patch
            .as_ref()
            .map(|patch| std::mem::take(&mut *lock(patch)))
            .unwrap_or_default()
    }

    /// A copy of all values.
    pub fn snapshot(&self) -> Map<String, Value> {
        lock(&self.values).clone()
    }

    /// The value of a key, if it is there and has the asked type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let values = lock(&self.values);
        T::deserialize(values.get(key)?).ok()
    }

    /// Sets a key.
    ///
    /// # Errors
    /// If the value can't be written as JSON.
    pub fn set(&self, key: impl Into<String>, value: impl Serialize) -> serde_json::Result<()> {
        let value = serde_json::to_value(value)?;
        self.write(key.into(), value);
        Ok(())
    }

    /// Removes a key.
    pub fn remove(&self, key: &str) {
        self.write(key.to_owned(), Value::Null);
    }

    /// Replaces the value of a key by a function of it, with no other call in between. The
    /// function gets `None` where the key is missing or of another type.
    ///
    /// # Errors
    /// If the value can't be written as JSON.
    pub fn update<T: Serialize + DeserializeOwned>(
        &self,
        key: &str,
        change: impl FnOnce(Option<T>) -> T,
    ) -> serde_json::Result<T> {
        let mut values = lock(&self.values);
        let new = change(values.get(key).and_then(|value| T::deserialize(value).ok()));
        let value = serde_json::to_value(&new)?;
        values.insert(key.to_owned(), value.clone());
        self.note(key.to_owned(), value);
        Ok(new)
    }

    /// Applies changes that were recorded earlier, without recording them again.
    pub fn restore(&self, patch: &StatePatch) {
        patch.apply(&mut lock(&self.values));
    }

    fn write(&self, key: String, value: Value) {
        let mut values = lock(&self.values);
        if value.is_null() {
            values.shift_remove(&key);
        } else {
            values.insert(key.clone(), value.clone());
        }
        self.note(key, value);
    }

    fn note(&self, key: String, value: Value) {
        if let Some(patch) = &self.patch {
            lock(patch).0.insert(key, value);
        }
    }
}

impl fmt::Debug for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionState")
            .field(&*lock(&self.values))
            .finish()
    }
}

/// What the caller of a run hands to its tools: values by type, for Rust, and a JSON object, for
/// callers over HTTP.
#[derive(Clone, Default)]
pub struct Dependencies {
    typed: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    /// Values by name.
    pub values: Map<String, Value>,
}

impl Dependencies {
    /// Adds a value that tools can ask for by its type.
    pub fn insert<T: Send + Sync + 'static>(&mut self, value: Arc<T>) {
        self.typed.insert(TypeId::of::<T>(), value);
    }

    /// The value of the given type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        Arc::clone(self.typed.get(&TypeId::of::<T>())?)
            .downcast()
            .ok()
    }

    /// These dependencies with those of `other` added; `other` wins.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let mut merged = self.clone();
        merged.typed.extend(
            other
                .typed
                .iter()
                .map(|(id, value)| (*id, Arc::clone(value))),
        );
        merged.values.extend(other.values.clone());
        merged
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.typed.is_empty() && self.values.is_empty()
    }
}

impl fmt::Debug for Dependencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets; names are not.
        f.debug_struct("Dependencies")
            .field("typed", &self.typed.len())
            .field("names", &self.values.keys().collect::<Vec<_>>())
            .finish()
    }
}

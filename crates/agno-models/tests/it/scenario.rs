//! Recorded scenarios: a few that come with the crate, and all of them where they are at hand.

use std::path::{Path, PathBuf};

use agno_models::openai_chat::Dialect;
use serde_json::Value;

/// A recorded conversation with a provider.
pub struct Scenario {
    pub id: String,
    pub family: String,
    pub provider: String,
    pub exchanges: Vec<Exchange>,
}

/// One request, its answer, and what should be read out of it.
pub struct Exchange {
    pub request: Value,
    pub path: String,
    pub inferred: bool,
    pub status: u16,
    pub headers: Value,
    pub body: String,
    pub streamed: bool,
    pub expect: Value,
}

/// The directory of all recordings, if it is there.
pub fn shared_wire() -> Option<PathBuf> {
    let root = match std::env::var_os("AGNO_SHARED") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let wire = root.join("wire");
    if wire.is_dir() {
        return Some(wire);
    }
    println!("skipped: {} is not there; set AGNO_SHARED", wire.display());
    None
}

/// The scenarios that come with the crate.
pub fn fixtures() -> Vec<Scenario> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut families: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    families.sort();
    families.iter().flat_map(|path| load(path)).collect()
}

/// All scenarios of a directory such as `openai.chat`.
pub fn load(directory: &Path) -> Vec<Scenario> {
    let family = directory.file_name().unwrap().to_str().unwrap().to_owned();
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| parse(&family, &std::fs::read_to_string(file).unwrap()))
        .collect()
}

fn parse(family: &str, text: &str) -> Scenario {
    let value: Value = serde_json::from_str(text).unwrap();
    let expect = &value["expect"];
    let list = value["exchanges"].as_array().unwrap();
    let exchanges = list
        .iter()
        .enumerate()
        .map(|(index, exchange)| {
            let request = &exchange["request"];
            let response = &exchange["response"];
            let body = response["body"].as_str().unwrap_or_default().to_owned();
            let wanted = request["body_json"]["stream"] == true;
            Exchange {
                request: request["body_json"].clone(),
                path: request["path"].as_str().unwrap_or_default().to_owned(),
                inferred: request["inferred"] == true,
                status: u16::try_from(response["status"].as_u64().unwrap()).unwrap(),
                headers: response["headers"].clone(),
                streamed: wanted || response["stream"] == true,
                body,
                expect: match expect.get("per_exchange") {
                    Some(each) => each[index].clone(),
                    None => expect.clone(),
                },
            }
        })
        .filter(|exchange| exchange.path.ends_with("chat/completions") || exchange.inferred)
        .collect();
    Scenario {
        id: value["id"].as_str().unwrap().to_owned(),
        family: family.to_owned(),
        provider: value["provider"].as_str().unwrap().to_owned(),
        exchanges,
    }
}

/// The dialect of a family, except that the recordings' expectations leave `<think>` in the text.
pub fn dialect(family: &str) -> &'static Dialect {
    let provider = match family.strip_suffix(".chat") {
        Some("compat") => "openai-compatible",
        Some("azure") => "azure-openai",
        Some(provider) => provider,
        None => panic!("{family}"),
    };
    let mut dialect = agno_models::providers::find(provider).unwrap().dialect;
    dialect.think_tags = false;
    Box::leak(Box::new(dialect))
}

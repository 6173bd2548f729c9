//! Frames of an event stream, written straight into the buffer that goes to the client.
//!
//! Each frame repeats who speaks (agent, run, session). That part is serialised once a run; a piece
//! of text then costs two copies of prepared bytes and the escaping of the text.

use bytes::{BufMut, BytesMut};
use serde::Serialize;

/// Writes frames of one run.
#[derive(Debug)]
pub(crate) struct FrameWriter {
    /// `"agent_id":...,"nested_depth":0`
    speaker: Box<str>,
    /// The number of the next frame, where frames are numbered.
    index: Option<u64>,
    /// Whether only the answer and errors are told.
    quiet: bool,
}

#[derive(Serialize)]
struct Speaker<'a> {
    agent_id: &'a str,
    agent_name: &'a str,
    run_id: &'a str,
    session_id: &'a str,
    nested_depth: u32,
}

impl FrameWriter {
    /// A writer for the run of an agent. `index` is the number of the first frame, where frames are
    /// numbered.
    pub(crate) fn new(
        agent_id: &str,
        agent_name: &str,
        run_id: &str,
        session_id: &str,
        index: Option<u64>,
    ) -> Self {
        let speaker = Speaker {
            agent_id,
            agent_name,
            run_id,
            session_id,
            nested_depth: 0,
        };
        // Text and one number: this can't fail.
        let json = serde_json::to_string(&speaker).unwrap_or_default();
        let inner = json.trim_start_matches('{').trim_end_matches('}');
        Self {
            speaker: inner.into(),
            index,
            quiet: false,
        }
    }

    /// Numbers the frames from `index` on.
    pub(crate) const fn number_from(&mut self, index: u64) {
        self.index = Some(index);
    }

    /// Leaves out everything but the answer and errors.
    pub(crate) const fn quiet(&mut self) {
        self.quiet = true;
    }

    fn leaves_out(&self, name: &str) -> bool {
        self.quiet && !matches!(name, "RunContent" | "RunError")
    }

    /// Writes a frame that tells nothing but its name.
    pub(crate) fn plain(&mut self, name: &str, time: u64, out: &mut BytesMut) {
        if self.leaves_out(name) {
            return;
        }
        self.open(name, time, out);
        self.close(out);
    }

    /// Writes a frame with the fields of `detail`, which must serialise to an object.
    pub(crate) fn detailed(
        &mut self,
        name: &str,
        time: u64,
        detail: &impl Serialize,
        out: &mut BytesMut,
    ) {
        if self.leaves_out(name) {
            return;
        }
        self.open(name, time, out);
        let before = out.len();
        if write_json(out, detail) && out.get(before + 1) != Some(&b'}') {
            // `{"a":1}` goes on as `,"a":1`.
            if let Some(brace) = out.get_mut(before) {
                *brace = b',';
            }
            out.truncate(out.len() - 1);
        } else {
            out.truncate(before);
        }
        self.close(out);
    }

    /// Writes a frame with a piece of text: the one frame that is written thousands of times.
    pub(crate) fn text(
        &mut self,
        time: u64,
        content: &str,
        reasoning: &str,
        metadata: Option<&str>,
        out: &mut BytesMut,
    ) {
        self.open("RunContent", time, out);
        out.put_slice(b",\"content\":");
        write_json(out, content);
        out.put_slice(b",\"workflow_agent\":false,\"content_type\":\"str\",\"reasoning_content\":");
        write_json(out, reasoning);
        if let Some(metadata) = metadata {
            out.put_slice(b",\"model_provider_data\":");
            out.put_slice(metadata.as_bytes());
        }
        self.close(out);
    }

    fn open(&self, name: &str, time: u64, out: &mut BytesMut) {
        out.reserve(name.len() * 2 + self.speaker.len() + 128);
        out.put_slice(b"event: ");
        out.put_slice(name.as_bytes());
        out.put_slice(b"\ndata: ");
        out.put_slice(b"{\"created_at\":");
        write_json(out, &time);
        out.put_slice(b",\"event\":\"");
        out.put_slice(name.as_bytes());
        out.put_slice(b"\",");
        out.put_slice(self.speaker.as_bytes());
    }

    fn close(&mut self, out: &mut BytesMut) {
        if let Some(index) = &mut self.index {
            out.put_slice(b",\"event_index\":");
            write_json(out, index);
            *index += 1;
        }
        out.put_slice(b"}\n\n");
    }
}

/// Writes a frame about the stream itself, such as `catch_up`.
pub(crate) fn meta_frame(name: &str, data: &impl Serialize, out: &mut BytesMut) {
    out.put_slice(b"event: ");
    out.put_slice(name.as_bytes());
    out.put_slice(b"\ndata: ");
    write_json(out, data);
    out.put_slice(b"\n\n");
}

/// Whether the value could be written; views consist of what JSON can express.
fn write_json(out: &mut BytesMut, value: &(impl Serialize + ?Sized)) -> bool {
    match serde_json::to_writer(out.writer(), value) {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(%error, "a frame could not be written");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_two_lines_and_a_blank_one() {
        let mut out = BytesMut::new();
        let mut writer = FrameWriter::new("a", "A \"1\"", "r", "s", Some(3));
        writer.text(7, "line\nbreak", "", None, &mut out);
        writer.detailed("X", 8, &serde_json::json!({"b": 1}), &mut out);
        writer.detailed("Y", 8, &serde_json::json!({}), &mut out);
        let text = String::from_utf8(out.to_vec()).unwrap();
        assert_eq!(
            text,
            "event: RunContent\ndata: {\"created_at\":7,\"event\":\"RunContent\",\"agent_id\":\"a\",\
             \"agent_name\":\"A \\\"1\\\"\",\"run_id\":\"r\",\"session_id\":\"s\",\
             \"nested_depth\":0,\"content\":\"line\\nbreak\",\"workflow_agent\":false,\
             \"content_type\":\"str\",\"reasoning_content\":\"\",\"event_index\":3}\n\n\
             event: X\ndata: {\"created_at\":8,\"event\":\"X\",\"agent_id\":\"a\",\
             \"agent_name\":\"A \\\"1\\\"\",\"run_id\":\"r\",\"session_id\":\"s\",\
             \"nested_depth\":0,\"b\":1,\"event_index\":4}\n\n\
             event: Y\ndata: {\"created_at\":8,\"event\":\"Y\",\"agent_id\":\"a\",\
             \"agent_name\":\"A \\\"1\\\"\",\"run_id\":\"r\",\"session_id\":\"s\",\
             \"nested_depth\":0,\"event_index\":5}\n\n"
        );
    }
}

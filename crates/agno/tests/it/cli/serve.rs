//! `agno serve`, started for real.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStderr, ChildStdout, Command};

use super::Desk;

struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    err: BufReader<ChildStderr>,
    head: String,
    address: SocketAddr,
}

impl Server {
    fn start(desk: &Desk, arguments: &[&str]) -> Self {
        let arguments = [&["serve", "--port", "0"][..], arguments].concat();
        let mut child = desk.command(&arguments).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        let mut head = String::new();
        out.read_line(&mut head).unwrap();
        let address = head
            .split("http://")
            .nth(1)
            .unwrap_or_else(|| panic!("{head}"));
        let address = address.split(' ').next().unwrap().parse().unwrap();
        Self {
            child,
            out,
            err,
            head,
            address,
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The next line of standard output.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line
    }

    /// The next lines of standard error, up to one that contains `end`.
    fn notes_up_to(&mut self, end: &str) -> String {
        let mut notes = String::new();
        while !notes.contains(end) {
            let read = self.err.read_line(&mut notes).unwrap();
            assert!(read > 0, "no `{end}` in: {notes}");
        }
        notes
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed must not leave its server behind; one that ended can't be killed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(unix)]
#[test]
fn the_example_is_served_until_a_signal() {
    for signal in ["-INT", "-TERM"] {
        let desk = Desk::new();
        let mut server = Server::start(&desk, &[]);
        let head = format!(
            "agno {} · AgentOS on http://{} · sqlite:agno.db · 1 agent, 10 tools\n",
            env!("CARGO_PKG_VERSION"),
            server.address
        );
        assert_eq!(server.head, head);
        server.notes_up_to("No model key found: answering with the offline model.");
        assert!(server.get("/health").contains("\"status\":\"ok\""));
        assert!(server.get("/agents").contains("\"id\":\"assistant\""));
        server.signal(signal);
        assert_eq!(server.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn the_example_s_tool_reads_the_server_s_own_health() {
    let desk = Desk::new();
    let server = Server::start(&desk, &[]);
    let body = "message=Is+the+server+healthy%3F&stream=false";
    let request = format!(
        "POST /agents/assistant/runs HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("COMPLETED"), "{answer}");
    assert!(answer.contains(r#"\"status\":\"ok\""#), "{answer}");
}

#[test]
fn agents_are_reloaded_and_mistakes_leave_them_as_they_were() {
    let desk = Desk::with("agents: { first: { model: offline } }");
    let mut server = Server::start(&desk, &[]);
    assert!(server.get("/agents").contains("\"id\":\"first\""));

    desk.write("agents.yaml", "agents: { second: { model: offline } }");
    assert_eq!(server.line(), "reloaded agents.yaml: 1 agent\n");
    let agents = server.get("/agents");
    assert!(agents.contains("\"id\":\"second\"") && !agents.contains("\"id\":\"first\""));

    desk.write("agents.yaml", "agents: { third: { modle: offline } }");
    let notes = server.notes_up_to("the agents stay as they were");
    assert!(notes.contains("did you mean `model`?"), "{notes}");
    assert!(server.get("/agents").contains("\"id\":\"second\""));

    desk.write("agents.yaml", "agents: { third: { model: offline } }");
    assert_eq!(server.line(), "reloaded agents.yaml: 1 agent\n");
    assert!(server.get("/agents").contains("\"id\":\"third\""));
}

#[test]
fn a_port_in_use_is_refused_with_the_way_out() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let told = Desk::new().agno(&["serve", "--port", &port]);
    assert_eq!(told.code, 1);
    assert!(told.err.contains("is in use"), "{}", told.err);
    assert!(told.err.contains("--port"), "{}", told.err);
}

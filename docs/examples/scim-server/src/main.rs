//! scim-server: a small HTTP service in Rust. GET /Users answers an empty SCIM list, GET /health answers ok.
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const USERS: &str =
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}"#;

extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn _exit(code: i32) -> !;
}

// As PID 1 of a container nothing ends us unless we say so.
extern "C" fn stop(_signal: i32) {
    unsafe { _exit(0) }
}

fn route(path: &str) -> (&'static str, String) {
    match path {
        "/" => ("200 OK", format!("scim-server {VERSION}\n")),
        "/health" => ("200 OK", "ok\n".into()),
        "/Users" => ("200 OK", USERS.into()),
        _ => ("404 Not Found", "not found\n".into()),
    }
}

fn answer(mut client: TcpStream) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut line = String::new();
    BufReader::new(client.try_clone()?).read_line(&mut line)?;
    let (status, body) = route(line.split(' ').nth(1).unwrap_or(""));
    let length = body.len();
    write!(client, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["--version"] {
        println!("scim-server {VERSION}");
        return Ok(());
    }
    let host = arguments.iter().position(|a| a == "--host").and_then(|i| arguments.get(i + 1));
    let port = std::env::var("PORT").ok().and_then(|p| p.parse().ok()).unwrap_or(3000);
    let listener = TcpListener::bind((host.map_or("127.0.0.1", String::as_str), port))?;
    unsafe {
        signal(2, stop);
        signal(15, stop);
    }
    println!("scim-server {VERSION} listens on {}", listener.local_addr()?);
    for client in listener.incoming().flatten() {
        if let Err(error) = std::panic::catch_unwind(|| answer(client)).unwrap_or(Ok(())) {
            eprintln!("scim-server: {error}");
        }
    }
    Ok(())
}

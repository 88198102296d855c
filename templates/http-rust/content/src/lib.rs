use http::StatusCode;
use spin_sdk::http::{box_body, BoxBody, FullBody, Request, Response};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> anyhow::Result<Response<BoxBody>> {
    println!("{} {}", request.method(), request.uri());
    let body = box_body(FullBody::new("Hello from Rust\n".into()));
    Ok(Response::builder().status(StatusCode::OK).header("content-type", "text/plain").body(body)?)
}

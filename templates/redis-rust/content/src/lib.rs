use bytes::Bytes;
use spin_sdk::redis_subscriber;

#[redis_subscriber]
async fn on_message(message: Bytes) -> anyhow::Result<()> {
    println!("{}", std::str::from_utf8(&message)?);
    Ok(())
}

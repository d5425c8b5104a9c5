//! A built function binary as a process, with a Lambda Runtime API of its own

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pretend_aws::lambda::runtime_api::{FunctionError, RuntimeApi};
use serde_json::Value;

use crate::hub::Environment;

/// Longer than any invocation of these tests takes; a process that hangs fails its test here
const DEADLINE: Duration = Duration::from_secs(25);

/// Two processes of one test may not write the same log
static STARTED: AtomicU32 = AtomicU32::new(0);

/// A process, ended when dropped
#[derive(Debug)]
pub(crate) struct Function {
    api: RuntimeApi,
    child: Child,
    log: PathBuf,
}

impl Function {
    /// Starts `binary` with these variables, and those that Lambda itself sets, and no others
    pub(crate) async fn start(binary: &str, environment: &Environment) -> Self {
        let api = RuntimeApi::start().await.expect("a free port");
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}.log", std::process::id()));
        let output = File::create(&log).expect("a log file");
        let child = Command::new(binary)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api.address().to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "under-test")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a second handle"))
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("`{binary}` does not start: {error}"));
        Self { api, child, log }
    }

    /// Hands the process one invocation and waits for its answer
    pub(crate) async fn invoke(&self, payload: Value) -> Result<Value, FunctionError> {
        self.api.invoke(payload, DEADLINE).await
    }

    /// Waits until the process has ended by itself
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let mut look = tokio::time::interval(Duration::from_millis(10));
        let ended = async {
            loop {
                look.tick().await;
                if let Some(status) = self.child.try_wait().expect("a child of ours") {
                    return status;
                }
            }
        };
        tokio::time::timeout(DEADLINE, ended).await.expect("the process goes on")
    }

    /// Whether the process has not ended
    pub(crate) fn lives(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_none()
    }

    /// What the process has written so far
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.log).expect("its log")
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // One that has ended by itself cannot be killed, and then that is fine.
        let _ended = self.child.kill();
        let _status = self.child.wait();
        if std::thread::panicking() {
            println!("--- {} ---\n{}", self.log.display(), self.said());
        }
        let _removed = fs::remove_file(&self.log);
    }
}

//! License Manager behind the door: calls with what befalls them

use serde_json::Value;

use super::Context;
use crate::error::ApiError;
use crate::faults::CallFault;
use crate::state::State;

impl State {
    /// One call; of the faults, those of workflows and lists show here
    pub(crate) fn call_license_manager(
        &mut self,
        caller: &str,
        operation: &str,
        body: &Value,
        fault: Option<CallFault>,
    ) -> Result<Value, ApiError> {
        let answer = self.license_manager_answer(caller, operation, body, fault);
        self.tell_license_call(caller, operation, body, &answer);
        self.tell_license_news();
        answer
    }

    fn license_manager_answer(
        &mut self,
        caller: &str,
        operation: &str,
        body: &Value,
        fault: Option<CallFault>,
    ) -> Result<Value, ApiError> {
        let now = self.now();
        let age = (fault == Some(CallFault::StaleListing)).then(|| self.faults.draw_age());
        let mut context = Context {
            now,
            caller,
            organization: &self.organization,
            knobs: &self.knobs,
            ids: &mut self.rng,
            slow: fault == Some(CallFault::SlowWorkflow),
        };
        if let Some(then) = age.and_then(|age| now.checked_sub(age).ok()) {
            return self.license_manager.call_as_of(&mut context, operation, body, then);
        }
        let answer = self.license_manager.call(&mut context, operation, body)?;
        if fault == Some(CallFault::FailedWorkflow)
            && let Some(arn) = answer.get("GrantArn").and_then(Value::as_str)
        {
            self.license_manager.fail_workflow(arn, "Internal error during distribution");
        }
        Ok(answer)
    }
}

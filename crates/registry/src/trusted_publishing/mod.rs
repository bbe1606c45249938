//! Publishing from a workflow without a secret: a package trusts the workflow of a repository, and each run of it exchanges a
//! token of its own service for one that lives for minutes.

mod exchange;
mod new_publisher;
mod publishers;
mod run;

pub use exchange::{ExchangeError, ExchangedToken};
pub use new_publisher::NewPublisher;
pub(crate) use publishers::take_over;
pub use publishers::{OwnPackage, PublisherDetails, PublisherError, PublishersPage};
pub use run::{WorkflowIssuer, WorkflowRun, WorkflowService};

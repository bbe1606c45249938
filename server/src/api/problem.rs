use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::wire::Problem;
use registry::{
    AuthenticationError, ExchangeError, IdentityError, IssueError, KeyError, Limited, PeopleError, PublishError,
    ReceiveError, RegistryError, ReportError, RevokeError, StaffError, StoreError, WithdrawError,
};

use crate::{server_error, uploads::UploadError};

/// Why the API says no, as `application/problem+json` (RFC 9457).
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The registry says no.
    Registry(RegistryError),
    /// The store says no.
    Store(StoreError),
    /// A query parameter or a part of the path that cannot be read.
    Parameter { name: &'static str, reason: String },
    /// No such address.
    Address,
    /// The address has other methods.
    Method,
    /// Nobody is known by the token.
    Authentication(AuthenticationError),
    /// An upload is refused.
    Publish(Box<PublishError>),
    /// A release is not taken back.
    Withdraw(WithdrawError),
    /// A request cannot be named so.
    Key(KeyError),
    /// The token is not good for what is the account's own.
    Scope,
    /// Who asks has to be shown once more.
    Unproved,
    /// There is no new token.
    Issue(IssueError),
    /// An account elsewhere is not unlinked.
    Identity(IdentityError),
    /// The token of a run is not exchanged.
    Exchange(ExchangeError),
    /// Who looks after something is not changed.
    People(PeopleError),
    /// A report is not taken.
    Report(ReportError),
    /// What staff does is not done.
    Staff(StaffError),
    /// Somebody has tried too often.
    Limited(Limited),
    /// The body ended before its end.
    CutOff,
    /// The body is something else than an archive.
    ContentType {
        /// What it should be.
        expected: &'static str,
    },
}

impl From<AuthenticationError> for ApiError {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::Registry(error) => Self::Registry(error),
            error => Self::Authentication(error),
        }
    }
}

impl From<PublishError> for ApiError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Registry(error) => Self::Registry(error),
            PublishError::Store(error) | PublishError::Receive(ReceiveError::Store(error)) => Self::Store(error),
            PublishError::Limited(limited) => Self::Limited(limited),
            error => Self::Publish(Box::new(error)),
        }
    }
}

impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::CutOff => Self::CutOff,
            UploadError::Publish(error) => (*error).into(),
        }
    }
}

impl From<WithdrawError> for ApiError {
    fn from(error: WithdrawError) -> Self {
        match error {
            WithdrawError::Registry(error) => Self::Registry(error),
            WithdrawError::Limited(limited) => Self::Limited(limited),
            error => Self::Withdraw(error),
        }
    }
}

impl From<PeopleError> for ApiError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Registry(error) => Self::Registry(error),
            PeopleError::Limited(limited) => Self::Limited(limited),
            error => Self::People(error),
        }
    }
}

impl From<ReportError> for ApiError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Registry(error) => Self::Registry(error),
            ReportError::Limited(limited) => Self::Limited(limited),
            error => Self::Report(error),
        }
    }
}

impl From<StaffError> for ApiError {
    fn from(error: StaffError) -> Self {
        match error {
            StaffError::Registry(error) => Self::Registry(error),
            StaffError::Limited(limited) => Self::Limited(limited),
            error => Self::Staff(error),
        }
    }
}

impl From<RevokeError> for ApiError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Registry(error) => Self::Registry(error),
            RevokeError::Limited(limited) => Self::Limited(limited),
        }
    }
}

impl From<IssueError> for ApiError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Registry(error) => Self::Registry(error),
            error => Self::Issue(error),
        }
    }
}

impl From<IdentityError> for ApiError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Registry(error) => Self::Registry(error),
            error => Self::Identity(error),
        }
    }
}

impl From<ExchangeError> for ApiError {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Registry(error) => Self::Registry(error),
            ExchangeError::Limited(limited) => Self::Limited(limited),
            error => Self::Exchange(error),
        }
    }
}

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Registry(error) => Self::Registry(error),
            error => Self::Key(error),
        }
    }
}

impl From<RegistryError> for ApiError {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ApiError {
    fn problem(self) -> Problem {
        let (status, code, title, detail) = match &self {
            Self::Registry(error) => {
                let (title, detail) = match error {
                    RegistryError::NotFound => ("Not found", "There is no such package, release or file here."),
                    RegistryError::Ambiguous { .. } => (
                        "Ambiguous name",
                        "Several packages have this short name, and none of them is what the name alone means.",
                    ),
                    RegistryError::ReadOnly => {
                        ("Read-only", "The registry is read-only for a while: nothing was changed. Try again later.")
                    }
                    RegistryError::Unavailable(_) => {
                        ("Unavailable", "The registry cannot reach its database now. Try again in a moment.")
                    }
                    RegistryError::Internal(_) => {
                        ("Internal error", "Something went wrong here. It was logged; trying again may help.")
                    }
                };
                (server_error::status(error), error.code(), title, detail.to_owned())
            }
            Self::Store(error) => (
                server_error::store_status(error),
                error.code(),
                "Unavailable",
                server_error::store_sentence(error).to_owned(),
            ),
            Self::Parameter { name, reason } => (
                StatusCode::BAD_REQUEST,
                "invalid-parameter",
                "Invalid parameter",
                format!("The parameter {name:?} cannot be used: {reason}."),
            ),
            Self::Authentication(error) => (
                StatusCode::UNAUTHORIZED,
                error.code(),
                "Not authorised",
                format!("{error}. Send the header \"Authorization: Bearer pgi_…\"."),
            ),
            Self::Publish(error) => {
                (server_error::publish_status(error), error.code(), "Not published", error.to_string())
            }
            Self::Withdraw(error) => (withdraw_status(error), error.code(), "Not done", error.to_string()),
            Self::Limited(limited) => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many requests",
                capitalised(&limited.to_string()),
            ),
            Self::Scope | Self::Unproved | Self::Issue(_) | Self::Identity(_) | Self::Exchange(_) => self.of_account(),
            Self::People(_) | Self::Report(_) | Self::Staff(_) => self.of_people(),
            Self::Key(error) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key", "Unusable key", error.to_string())
            }
            Self::CutOff => (
                StatusCode::BAD_REQUEST,
                "upload-cut-off",
                "Not published",
                "The upload ended before its end; nothing was stored.".to_owned(),
            ),
            Self::ContentType { expected } => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content-type",
                "Not published",
                format!("The body should be {expected}."),
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                "Method not allowed",
                "This address is for other methods, which the header Allow names.".to_owned(),
            ),
            Self::Address => (
                StatusCode::NOT_FOUND,
                "no-such-address",
                "Not found",
                "There is nothing at this address; /api/v1/openapi.json lists what there is.".to_owned(),
            ),
        };
        let (mut candidates, mut findings) = (Vec::new(), Vec::new());
        match self {
            Self::Registry(RegistryError::Ambiguous { candidates: names }) => candidates = names,
            Self::Publish(error) => {
                if let PublishError::Faults(faults) = *error {
                    findings = faults.into_iter().map(super::publishing::finding).collect();
                }
            }
            _ => {}
        }
        Problem {
            r#type: format!("urn:pginstall:problem:{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail,
            candidates,
            findings,
        }
    }
}

impl ApiError {
    /// What is wrong with what is the account's own: status, code, title and sentence.
    fn of_account(&self) -> (StatusCode, &'static str, &'static str, String) {
        match self {
            Self::Scope => (
                StatusCode::FORBIDDEN,
                "token-scope",
                "Not allowed",
                "A token needs the action \"account\" for this, and some of it only people do, in a browser."
                    .to_owned(),
            ),
            Self::Unproved => (
                StatusCode::FORBIDDEN,
                "confirmation-needed",
                "Confirm who you are",
                "Show at /settings/confirm that it is you, and try again within a quarter of an hour.".to_owned(),
            ),
            Self::Issue(error) => {
                let status = match error {
                    IssueError::Wider | IssueError::Unverified | IssueError::Gone => StatusCode::FORBIDDEN,
                    _ => StatusCode::UNPROCESSABLE_ENTITY,
                };
                (status, error.code(), "No new token", error.to_string())
            }
            Self::Identity(error) => (StatusCode::CONFLICT, "last-way-in", "Not unlinked", error.to_string()),
            Self::Exchange(error) => {
                let status = match error {
                    ExchangeError::Untrusted(_) | ExchangeError::OtherRepository(_) => StatusCode::FORBIDDEN,
                    ExchangeError::Ambiguous(_) | ExchangeError::Disputed(_) => StatusCode::CONFLICT,
                    ExchangeError::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::UNAUTHORIZED,
                };
                (status, error.code(), "No token", error.to_string())
            }
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", String::new()),
        }
    }
}

impl ApiError {
    /// The same for who looks after what, and what is reported.
    fn of_people(&self) -> (StatusCode, &'static str, &'static str, String) {
        match self {
            Self::People(error) => (people_status(error), error.code(), "Not done", capitalised(&error.to_string())),
            Self::Report(error) => {
                (report_status(error), error.code(), "Not reported", capitalised(&error.to_string()))
            }
            Self::Staff(error) => (staff_status(error), error.code(), "Not done", capitalised(&error.to_string())),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", String::new()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let after = if let Self::Limited(limited) = &self { Some(limited.after.as_secs()) } else { None };
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(problem)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if let Some(seconds) = after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A message as a sentence. Messages begin with an ASCII letter.
fn capitalised(message: &str) -> String {
    let mut letters = message.chars();
    let first: String = letters.next().map(char::to_uppercase).into_iter().flatten().collect();
    format!("{first}{}.", letters.as_str())
}

fn report_status(error: &ReportError) -> StatusCode {
    match error {
        ReportError::Unverified => StatusCode::FORBIDDEN,
        ReportError::Again | ReportError::NothingToAppeal => StatusCode::CONFLICT,
        ReportError::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
        ReportError::Registry(error) => server_error::status(error),
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn staff_status(error: &StaffError) -> StatusCode {
    match error {
        StaffError::Role(_) | StaffError::OwnInterest => StatusCode::FORBIDDEN,
        StaffError::Decided | StaffError::Unchanged | StaffError::LastAdmin => StatusCode::CONFLICT,
        StaffError::Unknown(_) | StaffError::NoPackage(_) => StatusCode::NOT_FOUND,
        StaffError::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
        StaffError::Registry(error) => server_error::status(error),
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn people_status(error: &PeopleError) -> StatusCode {
    match error {
        PeopleError::NotOwner(_)
        | PeopleError::TokenScope(_)
        | PeopleError::SecondFactor
        | PeopleError::Unverified
        | PeopleError::NotYourOrganisation(_) => StatusCode::FORBIDDEN,
        PeopleError::HasRole(_)
        | PeopleError::Invited(_)
        | PeopleError::TooMany
        | PeopleError::TooManyOrganisations
        | PeopleError::Quarantined(_)
        | PeopleError::NothingToLeave
        | PeopleError::InviterGone
        | PeopleError::LastOwner
        | PeopleError::HandleTaken(_)
        | PeopleError::OwnsPackages(_) => StatusCode::CONFLICT,
        PeopleError::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
        PeopleError::Registry(error) => server_error::status(error),
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn withdraw_status(error: &WithdrawError) -> StatusCode {
    match error {
        WithdrawError::NotFound { .. } => StatusCode::NOT_FOUND,
        WithdrawError::NotYours(_)
        | WithdrawError::Unowned(_)
        | WithdrawError::TokenScope(_)
        | WithdrawError::SecondFactor => StatusCode::FORBIDDEN,
        WithdrawError::NoReason | WithdrawError::Confirmation(_) => StatusCode::UNPROCESSABLE_ENTITY,
        WithdrawError::State(_) | WithdrawError::TooOld | WithdrawError::Nothing | WithdrawError::Needed(_) => {
            StatusCode::CONFLICT
        }
        WithdrawError::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
        WithdrawError::Registry(error) => server_error::status(error),
    }
}

/// An address with another method than it has.
pub(crate) fn method_not_allowed() -> ApiError {
    ApiError::Method
}

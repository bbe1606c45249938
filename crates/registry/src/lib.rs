//! The domain of pginstall: what packages are, how they are published, found, projected and kept.
//!
//! No HTTP and no pages: façades translate, this crate decides. PostgreSQL is the truth; every change of public state
//! appends one event in its own transaction.

mod accounts;
mod administration;
mod catalogue;
mod check;
mod clock;
mod data_directory;
mod database;
mod downloads;
mod error;
mod events;
mod identity;
mod import;
mod jobs;
mod leftovers;
mod mail;
mod moderation;
mod package_settings;
mod packages;
mod people;
mod popularity;
mod private_postgres;
mod projections;
mod projects;
mod publish;
mod readmes;
mod search;
mod spool;
mod staff;
mod store;
mod trusted_publishing;
mod viewer;

use std::{path::PathBuf, sync::Arc};

use sqlx::PgPool;
use tokio::sync::Semaphore;
use url::Url;
use webauthn_rs::Webauthn;

use accounts::Limits;
pub use accounts::is_idempotency_key;
pub use accounts::{
    AccountDetails, AccountRef, AccountSettings, AuthenticationError, AuthenticatorError, AuthenticatorSetup, Caller,
    ChangeError, ClientInfo, ConfirmError, Confirmed, CreateAccountError, DeleteError, DeletionImpact, DomainLookup,
    Evidence, Factors, HalfWay, IdentityDetails, IdentityError, InvalidToken, IssueError, IssuedToken, KeptAnswer,
    KeyError, Limited, LogInError, LogInStep, LoggedIn, NewPasskeyChallenge, NewToken, NewcomerError, NoNameServer,
    OwnedPackage, PasskeyAnswer, PasskeyChallenge, PasskeyDetails, PasskeyError, Password, PasswordCost, PasswordError,
    Passwords, Profile, ProfileChange, ProfileError, ProveError, Proved, RecoveryError, RegisterError, Registration,
    RevokeError, SecondFactor, SecondFactorRule, SessionData, SessionDetails, SessionKey, Token, TokenDetails,
    TokenState, Visitor, WeakPassword,
};
pub use administration::{DeliveredMail, FailedJob, FlagState, ReservedName};
pub use catalogue::{
    Banner, BannerRow, Banners, CataloguePackage, CategoryChange, NewBanner, NewCategory, PackageInOrder, TagRow,
};
pub use check::{CheckReport, Finding};
pub use clock::Clock;
pub use data_directory::{DataDirectory, DataDirectoryError};
pub use database::{MigrateError, connect_lazily, migrate};
pub use downloads::DownloadCounter;
pub use error::RegistryError;
pub use events::{
    Activity, ActivityOf, BrokenChain, EventContent, EventId, EventQuery, LoggedEvent, StaffEventQuery, StaffEventRow,
    follow_events,
};
pub use formats::library::Capability;
pub use identity::{
    ExternalIdentity, ProviderInfo, ProviderKind, ProviderSettings, SignIn, SignInError, SignInPurpose,
};
use identity::{Issuer, Provider, WebClient};
pub use import::{ImportError, ImportReport, Installation, InstallationError, Outcome, Problem, Progress};
pub use leftovers::{RepairError, RepairReport};
pub use mail::{
    InvalidMailServer, InvalidSender, KeptMail, MailKind, MailMessage, MailSender, MailSettings, MailState,
    MailTransport, SmtpLogin, SmtpSecurity, SmtpSettings, SmtpTransport,
};
pub use moderation::{
    CaseDetails, CaseReport, CaseSubject, CaseSummary, ClaimPage, Decision, ModerationNumbers, NewReport, PastVerdict,
    ReportError, ReportSubject, Reported,
};
pub use package_settings::{Deprecation, PackageChange, PackageSettings, PackageSettingsError};
pub use packages::{
    ArchivedFile, ArtifactDetails, CategoryOverview, Deprecated, ExtensionFacts, LibraryFacts, Link, Listing,
    ListingQuery, ModuleFacts, Order, PackageDetails, Page, PostgresVersionInfo, Provenance, RegistryNumbers,
    ReleaseDetails, ReleaseSummary, SearchedArtifact, SettingFacts, SourceDetails, SupportState, WeekOfDownloads,
};
pub use people::{
    GroupName, InvitationDetails, Invited, Invitee, NewInvitation, OrganisationChange, OrganisationDetails, OwnGroup,
    PeopleError, PeoplePage, Person, ReceivedInvitation,
};
pub use popularity::{Popularity, RecentDownloads};
pub use private_postgres::{PrivatePostgres, PrivatePostgresError};
pub use projections::run_projections;
pub use projects::{
    BuildScope, InvalidScope, Offer, Offers, ProjectExtension, ProjectFile, ProjectQuery, ProjectRelease, offers,
};
pub use publish::{
    ArchiveLabel, ArtifactKind, Metadata, PublishError, Published, Receipt, ReceiveError, ReceivedFile, Refusal,
    Severity, Target, UploadFinding, UploadReceiver, UploadRequest, WithdrawError,
};
pub use readmes::Readme;
pub use search::{
    FacetCounts, Facets, SearchIndex, SearchOrder, SearchQuery, SearchResults, Suggestion, Understood, WithoutFacet,
    run_search_index,
};
pub use staff::{
    AccountPage, AccountRow, AdminLink, Health, InvalidReason, Reason, Staff, StaffError, StaffOverview, StaffReader,
};
pub use store::{
    CopyProgress, CopyReport, DiskStore, ListedObject, NoRegion, ObjectBytes, Presentation, S3Settings, S3Store, Store,
    StoreError, StoredObject, copy_objects,
};
pub use trusted_publishing::{
    ExchangeError, ExchangedToken, NewPublisher, OwnPackage, PublisherDetails, PublisherError, PublishersPage,
    WorkflowIssuer, WorkflowRun, WorkflowService,
};
pub use viewer::Viewer;

/// The services of the registry over one database and one object store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Registry {
    pool: PgPool,
    store: Store,
    clock: Clock,
    host: String,
    popularity: Popularity,
    banners: Banners,
    uploads: Uploads,
    inspections: Arc<Semaphore>,
    mail: MailTransport,
    public_url: Url,
    passwords: Passwords,
    limits: Limits,
    reading_tickets: moka::sync::Cache<i64, String>,
    second_factor_rule: SecondFactorRule,
    passkeys: Option<Arc<Webauthn>>,
    web_client: WebClient,
    providers: Arc<[Provider]>,
    workflow_issuers: Arc<[(WorkflowIssuer, Issuer)]>,
}

/// Archives that are looked at at a time.
const INSPECTIONS: usize = 2;

/// How uploads are taken in.
#[derive(Clone, Debug)]
pub struct Uploads {
    /// Where they lie until they are published or refused.
    pub temporary: PathBuf,
    /// The most bytes of one file.
    pub largest_bytes: u64,
}

/// Whether this process runs as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl Registry {
    /// Services over `pool` and `store`. Fails where this machine has no certificates to ask other servers with.
    /// `host` is this instance's name in the full names of packages published here.
    pub fn new(
        pool: PgPool,
        store: Store,
        clock: Clock,
        host: String,
        uploads: Uploads,
        mail: MailTransport,
        accounts: AccountSettings,
    ) -> Result<Self, RegistryError> {
        let web_client = WebClient::new().map_err(|error| RegistryError::Internal(Box::new(error)))?;
        let workflow_issuers = accounts.workflow_issuers.into_iter().map(|settings| {
            let issuer = Issuer::new(&settings.address, web_client.clone());
            (settings, issuer)
        });
        Ok(Self {
            pool,
            store,
            clock,
            host,
            popularity: Popularity::default(),
            banners: Banners::default(),
            uploads,
            inspections: Arc::new(Semaphore::new(INSPECTIONS)),
            mail,
            passkeys: accounts::relying_party(&accounts.public_url).map(Arc::new),
            public_url: accounts.public_url,
            passwords: accounts.passwords,
            limits: Limits::default(),
            reading_tickets: accounts::lately_given(),
            second_factor_rule: accounts.second_factor_rule,
            providers: identity::providers(accounts.providers, &web_client).into(),
            workflow_issuers: workflow_issuers.collect(),
            web_client,
        })
    }

    /// The object store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// How often packages were downloaded lately, as far as this node knows.
    pub fn popularity(&self) -> &Popularity {
        &self.popularity
    }

    /// The time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether the database answers and its schema is this program's.
    pub async fn is_ready(&self) -> Result<bool, RegistryError> {
        database::is_current(&self.pool).await
    }

    /// The pool, for the jobs of this node.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }
}

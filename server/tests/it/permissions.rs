//! Who may do what: every route with every asker, on a package for everybody and on one for its members. One table; a route that
//! is missing in it fails the test.

use std::collections::BTreeSet;

use model::{NamePattern, StaffRole, TokenAction};
use registry::Token;
use reqwest::{Method, header};

use crate::support::{Browser, TestServer, TrunkArchive};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Anonymous,
    Unverified,
    User,
    /// Of the organisation that owns the packages beside their owner.
    Member,
    Maintainer,
    Owner,
    Moderator,
    Admin,
    /// Whose account was locked after they had logged in.
    Locked,
    /// A token of the owner's.
    Token(TokenAction),
}

use Asker::{Admin, Anonymous, Locked, Maintainer, Member, Moderator, Owner, Unverified, User};

const PEOPLE: [Asker; 9] = [Anonymous, Unverified, User, Member, Maintainer, Owner, Moderator, Admin, Locked];

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// They are let through: whatever comes then depends on what is asked.
    Through,
    /// They are led to the log-in.
    LogIn,
    /// They have to show who they are.
    Unknown,
    /// They may not.
    Forbidden,
    /// For them there is nothing.
    Absent,
}

use Answer::{Absent, Forbidden, LogIn, Through, Unknown};

/// What holds for a route.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// Everybody is let through.
    Everybody,
    /// Nothing is there, whoever asks: what the address needs is not set up here.
    Nobody,
    /// A page of a package: for its members with a session, and for everybody where it is public.
    PackagePage,
    /// The same for programs: a token of a member counts too.
    PackageData,
    /// What leaves the house: public packages only.
    PublicOnly,
    /// Whoever has logged in.
    Visitor,
    /// Whoever has logged in, who finds nothing: these packages have owners.
    VisitorNothing,
    /// Whoever looks after the package, with a session.
    OwnPackage,
    /// The same where only owners may.
    OwnersOfPackage,
    /// Whoever belongs to the organisation.
    OwnOrganisation,
    /// The same where only owners may.
    OwnersOfOrganisation,
    /// Whoever belongs to the staff.
    Staff,
    /// Admins.
    Admins,
    /// Whoever belongs to the staff, with a session or a token that administers.
    StaffData,
    /// The same for admins.
    AdminData,
    /// A session, or a token of any kind.
    AnyAccount,
    /// A session, or a token that looks after the account.
    Account,
    /// A session only.
    Session,
    /// A token with this action, and no session.
    Token(TokenAction),
    /// Any token, and no session.
    AnyToken,
    /// Owners of the package, with a session or a token for owners.
    PackageOwners,
    /// Owners of the organisation, likewise.
    OrganisationOwners,
}

impl Rule {
    fn answer(self, asker: Asker, is_public: bool) -> Answer {
        let has_session = !matches!(asker, Anonymous | Locked | Asker::Token(_));
        let is_token = matches!(asker, Asker::Token(_));
        let is_inside = matches!(asker, Member | Maintainer | Owner);
        let or_log_in = |answer| if has_session { answer } else { LogIn };
        match self {
            Self::Everybody => Through,
            Self::Nobody => Absent,
            Self::PackagePage => {
                if is_public || is_inside {
                    Through
                } else {
                    Absent
                }
            }
            Self::PackageData => {
                if is_public || is_inside || is_token {
                    Through
                } else {
                    Absent
                }
            }
            Self::PublicOnly => {
                if is_public {
                    Through
                } else {
                    Absent
                }
            }
            Self::Visitor => or_log_in(Through),
            Self::VisitorNothing => or_log_in(Absent),
            Self::OwnPackage => or_log_in(if is_inside { Through } else { Absent }),
            Self::OwnersOfPackage => or_log_in(match asker {
                Owner => Through,
                Member | Maintainer => Forbidden,
                _ => Absent,
            }),
            Self::OwnOrganisation => or_log_in(if matches!(asker, Owner | Member) { Through } else { Absent }),
            Self::OwnersOfOrganisation => or_log_in(match asker {
                Owner => Through,
                Member => Forbidden,
                _ => Absent,
            }),
            Self::Staff => or_log_in(if matches!(asker, Moderator | Admin) { Through } else { Absent }),
            Self::Admins => or_log_in(if asker == Admin { Through } else { Absent }),
            // The tokens are of somebody who is not of the staff.
            Self::StaffData | Self::AdminData => match asker {
                Admin => Through,
                Moderator if matches!(self, Self::StaffData) => Through,
                Asker::Token(TokenAction::Admin) => Absent,
                Asker::Token(_) => Forbidden,
                _ if has_session => Absent,
                _ => Unknown,
            },
            Self::AnyAccount => {
                if has_session || is_token {
                    Through
                } else {
                    Unknown
                }
            }
            Self::Account => match asker {
                Asker::Token(TokenAction::Account) => Through,
                Asker::Token(_) => Forbidden,
                _ if has_session => Through,
                _ => Unknown,
            },
            Self::Session => match asker {
                Asker::Token(_) => Forbidden,
                _ if has_session => Through,
                _ => Unknown,
            },
            Self::Token(action) => match asker {
                Asker::Token(own) if own == action => Through,
                Asker::Token(_) => Forbidden,
                _ => Unknown,
            },
            Self::AnyToken => {
                if is_token {
                    Through
                } else {
                    Unknown
                }
            }
            Self::PackageOwners => match asker {
                Owner | Asker::Token(TokenAction::Owners) => Through,
                Asker::Token(_) | Member | Maintainer => Forbidden,
                _ if !has_session => Unknown,
                _ if is_public => Forbidden,
                _ => Absent,
            },
            Self::OrganisationOwners => match asker {
                Owner | Asker::Token(TokenAction::Owners) => Through,
                _ if has_session || is_token => Forbidden,
                _ => Unknown,
            },
        }
    }
}

/// How a row is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// As it is.
    Plain,
    /// Of somebody who may, the answer is that there is no such thing: what is asked for does not exist.
    NotThere,
    /// It would end sessions or change what the other rows need; tested elsewhere.
    Elsewhere,
}

use How::{Elsewhere, NotThere, Plain};

type Row = (&'static str, &'static str, Rule, How);

/// All routes but those of Trunk under a scope, which are asked like those without one.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("GET", "/healthz", Rule::Everybody, Plain),
    ("GET", "/readyz", Rule::Everybody, Plain),
    ("GET", "/metrics", Rule::Everybody, Plain),
    ("GET", "/robots.txt", Rule::Everybody, Plain),
    ("GET", "/sitemap.xml", Rule::Everybody, Plain),
    ("GET", "/sitemaps/{part}", Rule::Everybody, Plain),
    ("GET", "/.well-known/security.txt", Rule::Everybody, Plain),
    ("GET", "/opensearch.xml", Rule::Everybody, Plain),
    ("GET", "/opensearch/suggest", Rule::Everybody, Plain),
    ("GET", "/feeds/all.atom", Rule::Everybody, Plain),
    ("GET", "/feeds/packages/{file}", Rule::PublicOnly, Plain),
    ("GET", "/feeds/users/{file}", Rule::Nobody, Plain),
    ("POST", "/register", Rule::Everybody, Plain),
    ("POST", "/verify-email", Rule::Everybody, Plain),
    ("POST", "/login", Rule::Everybody, Plain),
    ("POST", "/login/second-factor", Rule::Everybody, Plain),
    ("POST", "/login/passkey", Rule::Everybody, Plain),
    ("POST", "/passkeys/challenge", Rule::Everybody, NotThere),
    ("GET", "/login/with/{provider}", Rule::Nobody, Plain),
    ("GET", "/login/with/{provider}/callback", Rule::Everybody, Plain),
    ("POST", "/register/identity", Rule::Everybody, Plain),
    ("POST", "/logout", Rule::Everybody, Elsewhere),
    ("POST", "/forgot-password", Rule::Everybody, Plain),
    ("POST", "/reset-password", Rule::Everybody, Plain),
    ("POST", "/settings", Rule::Visitor, Plain),
    ("POST", "/settings/security", Rule::Visitor, Plain),
    ("POST", "/settings/security/authenticator", Rule::Visitor, Plain),
    ("POST", "/settings/security/recovery-codes", Rule::Visitor, Plain),
    ("POST", "/settings/security/passkeys", Rule::Visitor, NotThere),
    ("POST", "/settings/confirm", Rule::Visitor, Plain),
    ("POST", "/settings/publishing", Rule::Visitor, Plain),
    ("POST", "/settings/delete", Rule::Visitor, Plain),
    ("POST", "/settings/sessions", Rule::Visitor, Plain),
    ("POST", "/settings/tokens", Rule::Visitor, Plain),
    ("POST", "/settings/claims/{name}", Rule::VisitorNothing, Plain),
    ("POST", "/settings/invitations", Rule::Visitor, Plain),
    ("POST", "/settings/packages/{name}", Rule::OwnersOfPackage, Plain),
    ("POST", "/settings/packages/{name}/description", Rule::OwnersOfPackage, Plain),
    ("POST", "/settings/packages/{name}/releases", Rule::OwnPackage, Plain),
    ("POST", "/settings/packages/{name}/availability", Rule::OwnersOfPackage, Plain),
    ("POST", "/settings/organisations", Rule::Visitor, Plain),
    ("POST", "/settings/organisations/{handle}", Rule::OwnersOfOrganisation, Plain),
    ("POST", "/settings/organisations/{handle}/profile", Rule::OwnersOfOrganisation, Plain),
    ("POST", "/settings/admin-link", Rule::Visitor, Plain),
    ("POST", "/report", Rule::Everybody, Plain),
    ("POST", "/report/confirm", Rule::Everybody, Plain),
    ("POST", "/admin/reports", Rule::Staff, Plain),
    ("POST", "/admin/reports/{id}", Rule::Staff, Plain),
    ("POST", "/admin/accounts/{handle}", Rule::Admins, Plain),
    ("POST", "/admin/packages/{id}", Rule::Admins, Plain),
    ("POST", "/admin/categories", Rule::Admins, Plain),
    ("POST", "/admin/categories/{slug}", Rule::Admins, Plain),
    ("POST", "/admin/tags", Rule::Admins, Plain),
    ("POST", "/admin/banners", Rule::Admins, Plain),
    ("POST", "/admin/names", Rule::Admins, Plain),
    ("POST", "/admin/flags", Rule::Admins, Plain),
    ("POST", "/admin/operations", Rule::Admins, Plain),
    ("GET", "/api/v1/packages", Rule::Everybody, Plain),
    ("GET", "/api/v1/packages/{name}", Rule::PackageData, Plain),
    ("GET", "/api/v1/packages/{name}/{version}", Rule::PackageData, Plain),
    ("PUT", "/api/v1/packages/{name}/{version}", Rule::Token(TokenAction::PublishUpdate), Plain),
    ("GET", "/api/v1/packages/{name}/{version}/source", Rule::Nobody, Plain),
    ("GET", "/api/v1/packages/{name}/{version}/artifacts/{pg}/{platform}", Rule::PackageData, Plain),
    ("PUT", "/api/v1/packages/{name}/{version}/artifacts/{pg}/{platform}", Rule::Token(TokenAction::PublishUpdate), Plain),
    ("POST", "/api/v1/packages/{name}/{version}/yank", Rule::Token(TokenAction::Yank), Elsewhere),
    ("POST", "/api/v1/packages/{name}/{version}/unyank", Rule::Token(TokenAction::Yank), Plain),
    ("DELETE", "/api/v1/packages/{name}/{version}", Rule::Token(TokenAction::Yank), Elsewhere),
    ("POST", "/api/v1/tokens/revoke", Rule::Everybody, Plain),
    ("POST", "/api/v1/trusted-publishing/tokens", Rule::Everybody, Plain),
    ("GET", "/api/v1/me", Rule::AnyAccount, Plain),
    ("GET", "/api/v1/me/tokens", Rule::Account, Plain),
    ("POST", "/api/v1/me/tokens", Rule::Account, Plain),
    ("DELETE", "/api/v1/me/tokens/{id}", Rule::Account, NotThere),
    ("GET", "/api/v1/me/sessions", Rule::Account, Plain),
    ("DELETE", "/api/v1/me/sessions/{id}", Rule::Account, NotThere),
    ("GET", "/api/v1/me/identities", Rule::Session, Plain),
    ("DELETE", "/api/v1/me/identities/{id}", Rule::Session, NotThere),
    ("GET", "/api/v1/me/invitations", Rule::Account, Plain),
    ("POST", "/api/v1/me/invitations/{id}/accept", Rule::Account, NotThere),
    ("DELETE", "/api/v1/me/invitations/{id}", Rule::Account, NotThere),
    ("GET", "/api/v1/packages/{name}/owners", Rule::PackageData, Plain),
    ("PUT", "/api/v1/packages/{name}/owners/{handle}", Rule::PackageOwners, Plain),
    ("DELETE", "/api/v1/packages/{name}/owners/{handle}", Rule::PackageOwners, NotThere),
    ("GET", "/api/v1/packages/{name}/invitations", Rule::PackageOwners, Plain),
    ("POST", "/api/v1/packages/{name}/invitations", Rule::PackageOwners, Plain),
    ("DELETE", "/api/v1/packages/{name}/invitations/{id}", Rule::PackageOwners, NotThere),
    ("POST", "/api/v1/organisations", Rule::Session, Plain),
    ("GET", "/api/v1/organisations/{handle}", Rule::Everybody, Plain),
    ("PUT", "/api/v1/organisations/{handle}/members/{member}", Rule::OrganisationOwners, Plain),
    ("DELETE", "/api/v1/organisations/{handle}/members/{member}", Rule::OrganisationOwners, NotThere),
    ("GET", "/api/v1/organisations/{handle}/invitations", Rule::OrganisationOwners, Plain),
    ("POST", "/api/v1/organisations/{handle}/invitations", Rule::OrganisationOwners, Plain),
    ("DELETE", "/api/v1/organisations/{handle}/invitations/{id}", Rule::OrganisationOwners, NotThere),
    ("POST", "/api/v1/reports", Rule::Everybody, Plain),
    ("GET", "/api/v1/moderation/cases", Rule::StaffData, Plain),
    ("POST", "/api/v1/moderation/cases/{id}/verdict", Rule::StaffData, Plain),
    ("GET", "/api/v1/admin/accounts", Rule::AdminData, Plain),
    ("PUT", "/api/v1/admin/accounts/{handle}/lock", Rule::AdminData, Elsewhere),
    ("PUT", "/api/v1/admin/accounts/{handle}/unlock", Rule::AdminData, Elsewhere),
    ("PUT", "/api/v1/admin/accounts/{handle}/role", Rule::AdminData, Elsewhere),
    ("GET", "/api/v1/events", Rule::Everybody, Plain),
    ("GET", "/api/v1/categories", Rule::Everybody, Plain),
    ("GET", "/api/v1/search", Rule::Everybody, Plain),
    ("GET", "/api/v1/suggest", Rule::Everybody, Plain),
    ("GET", "/api/v1/openapi.json", Rule::Everybody, Plain),
    ("GET", "/api", Rule::Nobody, Plain),
    ("GET", "/api/{*path}", Rule::Nobody, Plain),
    ("GET", "/api/v1/trunk-projects", Rule::Everybody, Plain),
    ("GET", "/api/v1/trunk-projects/{name}", Rule::Everybody, Plain),
    ("GET", "/api/v1/trunk-projects/{name}/version/{version}", Rule::Everybody, Plain),
    ("GET", "/categories/all", Rule::Everybody, Plain),
    ("GET", "/extensions/all", Rule::Everybody, Plain),
    ("GET", "/extensions/libraries", Rule::Everybody, Plain),
    ("GET", "/extensions/detail/{name}", Rule::PublicOnly, Plain),
    ("GET", "/extensions/detail/{name}/{version}", Rule::PublicOnly, Plain),
    ("GET", "/extensions/details/{name}/readme", Rule::Nobody, Plain),
    ("POST", "/extensions/details/{name}/readme", Rule::PublicOnly, Plain),
    ("GET", "/extensions/{name}/{version}/download", Rule::PublicOnly, Plain),
    ("GET", "/extensions/{name}/{version}/archives/{file}", Rule::Nobody, Plain),
    ("POST", "/extensions/new", Rule::Everybody, Plain),
    ("POST", "/token/new", Rule::AnyToken, Elsewhere),
    ("GET", "/api-docs/openapi.json", Rule::Everybody, Plain),
    ("GET", "/swagger-ui", Rule::Everybody, Plain),
    ("GET", "/swagger-ui/", Rule::Everybody, Plain),
    ("GET", "/redoc", Rule::Everybody, Plain),
    ("GET", "/extensions/{name}", Rule::PublicOnly, Plain),
    ("POST", "/publish", Rule::Everybody, Plain),
    ("GET", "/", Rule::Everybody, Plain),
    ("GET", "/packages", Rule::Everybody, Plain),
    ("GET", "/search", Rule::Everybody, Plain),
    ("GET", "/categories/{slug}", Rule::Everybody, Plain),
    ("GET", "/tags/{tag}", Rule::Everybody, NotThere),
    ("GET", "/packages/{name}", Rule::PackagePage, Plain),
    ("GET", "/packages/{name}/{version}", Rule::PackagePage, Plain),
    ("GET", "/packages/{name}/{version}/{tab}", Rule::PackagePage, Plain),
    ("GET", "/publish", Rule::Everybody, Plain),
    ("GET", "/docs", Rule::Everybody, Plain),
    ("GET", "/docs/{page}", Rule::Everybody, Plain),
    ("GET", "/about", Rule::Everybody, Plain),
    ("GET", "/activity", Rule::Everybody, Plain),
    ("GET", "/activity/packages/{name}", Rule::PublicOnly, Plain),
    ("GET", "/activity/users/{handle}", Rule::Everybody, Plain),
    ("GET", "/policies", Rule::Everybody, Plain),
    ("GET", "/policies/{page}", Rule::Everybody, NotThere),
    ("GET", "/transparency", Rule::Everybody, Plain),
    ("GET", "/report", Rule::Everybody, Plain),
    ("GET", "/report/confirm", Rule::Everybody, Plain),
    ("GET", "/register", Rule::Everybody, Plain),
    ("GET", "/login", Rule::Everybody, Plain),
    ("GET", "/register/identity", Rule::Everybody, Plain),
    ("GET", "/login/second-factor", Rule::Everybody, Plain),
    ("GET", "/account-deleted", Rule::Everybody, Plain),
    ("GET", "/forgot-password", Rule::Everybody, Plain),
    ("GET", "/reset-password", Rule::Everybody, Plain),
    ("GET", "/verify-email", Rule::Everybody, Plain),
    ("GET", "/settings", Rule::Visitor, Plain),
    ("GET", "/settings/security", Rule::Visitor, Plain),
    ("GET", "/settings/security/authenticator", Rule::Visitor, Plain),
    ("GET", "/settings/security/recovery-codes", Rule::Visitor, Plain),
    ("GET", "/settings/confirm", Rule::Visitor, Plain),
    ("GET", "/settings/publishing", Rule::Visitor, Plain),
    ("GET", "/settings/delete", Rule::Visitor, Plain),
    ("GET", "/settings/sessions", Rule::Visitor, Plain),
    ("GET", "/settings/tokens", Rule::Visitor, Plain),
    ("GET", "/settings/claims/{name}", Rule::VisitorNothing, Plain),
    ("GET", "/settings/invitations", Rule::Visitor, Plain),
    ("GET", "/settings/packages", Rule::Visitor, Plain),
    ("GET", "/settings/packages/{name}", Rule::OwnPackage, Plain),
    ("GET", "/settings/packages/{name}/description", Rule::OwnPackage, Plain),
    ("GET", "/settings/packages/{name}/releases", Rule::OwnPackage, Plain),
    ("GET", "/settings/packages/{name}/availability", Rule::OwnPackage, Plain),
    ("GET", "/settings/organisations", Rule::Visitor, Plain),
    ("GET", "/settings/organisations/{handle}", Rule::OwnOrganisation, Plain),
    ("GET", "/settings/organisations/{handle}/profile", Rule::OwnOrganisation, Plain),
    ("GET", "/settings/admin-link", Rule::Visitor, Plain),
    ("GET", "/admin", Rule::Staff, Plain),
    ("GET", "/admin/reports", Rule::Staff, Plain),
    ("GET", "/admin/reports/{id}", Rule::Staff, Plain),
    ("GET", "/admin/packages", Rule::Staff, Plain),
    ("GET", "/admin/packages/{id}", Rule::Staff, Plain),
    ("GET", "/admin/log", Rule::Staff, Plain),
    ("GET", "/admin/categories", Rule::Admins, Plain),
    ("GET", "/admin/categories/{slug}", Rule::Admins, Plain),
    ("GET", "/admin/tags", Rule::Admins, Plain),
    ("GET", "/admin/banners", Rule::Admins, Plain),
    ("GET", "/admin/names", Rule::Admins, Plain),
    ("GET", "/admin/flags", Rule::Admins, Plain),
    ("GET", "/admin/operations", Rule::Admins, Plain),
    ("GET", "/admin/accounts", Rule::Admins, Plain),
    ("GET", "/admin/accounts/{handle}", Rule::Admins, Plain),
    ("GET", "/users/{handle}", Rule::Everybody, Plain),
];

/// A form of a page, with which somebody who may changes nothing.
fn form(path: &str) -> &'static str {
    match path {
        "/settings/packages/{name}" | "/settings/organisations/{handle}" => "form=role&handle=owner&role=owner",
        "/settings/packages/{name}/description" => "summary=Words",
        "/settings/packages/{name}/releases" => "form=unyank&version=1.0.0",
        "/settings/packages/{name}/availability" => "form=unarchive",
        "/settings/organisations/{handle}/profile" => "form=delete&confirmation=acme",
        _ => "",
    }
}

/// A body of the API, likewise.
fn body(path: &str) -> &'static str {
    if path.contains("/owners/") || path.contains("/members/") {
        r#"{"role":"owner"}"#
    } else if path.ends_with("/invitations") {
        r#"{"handle":"owner","role":"owner"}"#
    } else {
        "{}"
    }
}

struct World {
    server: TestServer,
    people: Vec<(Asker, Browser)>,
    tokens: Vec<(TokenAction, Token)>,
    /// `{pg}/{platform}` of the files.
    place: String,
}

async fn world() -> World {
    let server = TestServer::start_reachable().await;
    let mut people = vec![(Anonymous, Browser::new())];
    for (asker, handle) in [
        (Unverified, "una"),
        (User, "user"),
        (Member, "member"),
        (Maintainer, "maintainer"),
        (Owner, "owner"),
        (Moderator, "moderator1"),
        (Admin, "admin1"),
        (Locked, "locked"),
    ] {
        people.push((asker, server.logged_in(handle).await));
    }
    let token = server.token("owner").await;
    for name in ["pg_public", "pg_hidden"] {
        server.published(&token, &TrunkArchive::sql(name, "1.0.0")).await;
    }
    let release = server.json("/api/v1/packages/pg_public/1.0.0").await;
    let address = release["artifacts"][0]["url"].as_str().expect("an address").to_owned();
    let place = address.split("/artifacts/").nth(1).expect("a place");
    let place = place.split('?').next().unwrap_or(place).to_owned();
    for statement in [
        "update packages set visibility = 'members' where name = 'pg_hidden'",
        "insert into principals (kind, handle, created_at) values ('organisation', 'acme', now())",
        "insert into organisations (principal_id, created_at) select principal_id, now() from principals where handle = 'acme'",
        "insert into organisation_members select o.principal_id, m.principal_id, case m.handle when 'owner' then 'owner' else 'member' end, now()
            from principals as o, principals as m where o.handle = 'acme' and m.handle in ('owner', 'member')",
        "insert into package_owners select package_id, principal_id, 'owner', now() from packages, principals where handle = 'acme'",
        "insert into package_owners select package_id, principal_id, 'maintainer', now() from packages, principals where handle = 'maintainer'",
        "update accounts set email_verified_at = null where principal_id = (select principal_id from principals where handle = 'una')",
        "update accounts set locked_at = now(), lock_reason = 'For a while.' where principal_id = (select principal_id from principals where handle = 'locked')",
        "insert into cases (package_id, opened_at) select package_id, now() from packages where name = 'pg_public'",
        "insert into reports (case_id, kind, text, created_at) select case_id, 'spam', 'It is an advertisement.', now() from cases",
        "select append_event('package.hidden', 1, 'package:localhost/pg_hidden', json_build_object('package', package_id)::text, now()) from packages where name = 'pg_hidden'",
    ] {
        sqlx::query(statement).execute(&server.pool).await.expect(statement);
    }
    for (handle, role) in [("moderator1", StaffRole::Moderator), ("admin1", StaffRole::Admin)] {
        server.registry.grant_role(&handle.parse().expect("a handle"), Some(role)).await.expect("granted");
    }
    let mut tokens = Vec::new();
    for action in TokenAction::ALL {
        tokens.push((*action, server.token_for("owner", vec![*action], NamePattern::all()).await));
    }
    server.settle().await;
    World { server, people, tokens, place }
}

impl World {
    async fn ask(&self, row: &Row, asker: Asker, package: &str) -> (u16, String, String) {
        let (method, path, ..) = *row;
        let handle = if path.contains("/organisations/{handle}") { "acme" } else { "owner" };
        let person = if path.ends_with("/owners/{handle}") && method == "DELETE" { "locked" } else { handle };
        let mut address = path.replace("{pg}/{platform}", &self.place);
        for (name, value) in [
            ("{name}", package),
            ("{version}", "1.0.0"),
            ("{handle}", person),
            ("{id}", if path.starts_with("/admin/reports") || path.starts_with("/admin/packages") { "1" } else { "0" }),
            ("{slug}", "search"),
            ("{member}", if method == "DELETE" { "locked" } else { "owner" }),
            ("{provider}", "x"),
            ("{tag}", "x"),
            ("{tab}", "versions"),
            ("{page}", "accounts"),
            ("{part}", "pages.xml"),
            ("{*path}", "x"),
            ("{file}", if path.starts_with("/feeds/packages") { package } else { "nothing" }),
        ] {
            address = address.replace(name, value);
        }
        if path.starts_with("/feeds/packages") {
            address.push_str(".atom");
        }
        let method: Method = method.parse().expect("a method");
        let mut request = self.server.request(method.clone(), &address);
        match asker {
            Asker::Token(action) => {
                let token = self.tokens.iter().find(|(own, _)| *own == action).expect("a token");
                request = request.bearer_auth(token.1.reveal());
            }
            person => {
                let browser = &self.people.iter().find(|(own, _)| *own == person).expect("a browser").1;
                if !browser.cookies().is_empty() {
                    request = request.header(header::COOKIE, browser.cookies());
                }
                request = request.header(header::ORIGIN, self.server.base());
            }
        }
        request = match (method.as_str(), path) {
            ("GET", _) => request.header(header::CACHE_CONTROL, "no-cache"),
            ("PUT", path) if path.contains("/artifacts/") => {
                request.header(header::CONTENT_TYPE, "application/gzip").body("x")
            }
            ("PUT", "/api/v1/packages/{name}/{version}") => {
                request.header(header::CONTENT_TYPE, "application/zip").body("x")
            }
            (_, path) if path.starts_with("/api/") => {
                request.header(header::CONTENT_TYPE, "application/json").body(body(path))
            }
            (_, path) => request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form(path)),
        };
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let location = answer.headers().get(header::LOCATION).map(|place| place.to_str().expect("text").to_owned());
        (status, location.unwrap_or_default(), answer.text().await.unwrap_or_default())
    }
}

fn classified(status: u16, location: &str, text: &str, how: How, rule: Rule) -> Answer {
    let is_form = matches!(rule, Rule::OwnersOfPackage | Rule::OwnersOfOrganisation | Rule::OwnPackage);
    match status {
        303 if location.starts_with("/login?next=") => LogIn,
        401 => Unknown,
        403 => Forbidden,
        404 if how == NotThere => Through,
        404 => Absent,
        422 if is_form && text.contains("nly owners of") => Forbidden,
        500 => panic!("a fault: {text}"),
        _ => Through,
    }
}

fn without_scope(path: &str) -> &str {
    path.strip_prefix("/for/{scope}/{further_scope}").or_else(|| path.strip_prefix("/for/{scope}")).unwrap_or(path)
}

#[tokio::test]
async fn every_route_has_its_answer_for_everybody() {
    let world = world().await;
    let listed: BTreeSet<(&str, &str)> = TABLE.iter().map(|(method, path, ..)| (*method, *path)).collect();
    assert_eq!(listed.len(), TABLE.len(), "each route once");
    let recorded: BTreeSet<(&str, &str)> =
        world.server.routes.iter().map(|route| (route.method.as_str(), without_scope(&route.path))).collect();
    let missing: Vec<_> = recorded.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&recorded).collect();
    assert!(missing.is_empty() && gone.is_empty(), "routes without a row: {missing:?}; rows without a route: {gone:?}");

    let tokens = TokenAction::ALL.iter().map(|action| Asker::Token(*action));
    let askers: Vec<Asker> = PEOPLE.into_iter().chain(tokens).collect();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for row in TABLE.iter().filter(|(.., how)| *how != Elsewhere) {
        let (method, path, rule, how) = *row;
        for (package, is_public) in [("pg_public", true), ("pg_hidden", false)] {
            if !path.contains("{name}") && !path.contains("{file}") && !is_public {
                continue;
            }
            for asker in &askers {
                let (status, location, text) = world.ask(row, *asker, package).await;
                let found = classified(status, &location, &text, how, rule);
                let mut expected = rule.answer(*asker, is_public);
                // Where nothing is there anyway, what is absent cannot be told from what is let through.
                if how == NotThere && expected == Absent {
                    expected = Through;
                }
                if found != expected {
                    wrong.push(format!("{method} {path} {package} {asker:?}: {expected:?} expected, {found:?} found ({status} {location})"));
                }
                asked += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked > 2000, "{asked}");
}

//! The document, the frame and the list of pages.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    components::{Banners, Footer, Header},
    context::site,
    pages::{
        AboutPage, ActivityPage, AdminAccountPage, AdminAccountsPage, AdminBannersPage, AdminCasePage,
        AdminCategoriesPage, AdminCategoryPage, AdminFlagsPage, AdminLinkPage, AdminLogPage, AdminNamesPage,
        AdminOperationsPage, AdminPackagePage, AdminPackagesPage, AdminPage, AdminReportsPage, AdminTagsPage,
        AuthenticatorPage, AvailabilityPage, BrowsePage, CategoryPage, ClaimPage, ConfirmPage, ConfirmReportPage,
        DeletePage, DeletedPage, DescriptionPage, DocsPage, DocumentPage, ForgotPasswordPage, HomePage,
        InvitationsPage, LoginPage, NotFoundPage, OrganisationPeoplePage, OrganisationProfilePage, OrganisationsPage,
        PackageActivityPage, PackagePage, PackagePeoplePage, PackagesPage, PoliciesPage, PolicyPage, PublishPage,
        PublishingPage, RecoveryCodesPage, RegisterIdentityPage, RegisterPage, ReleasesPage, ReportPage,
        ResetPasswordPage, SearchPage, SecondFactorPage, SecurityPage, SessionsPage, SettingsPage, TagPage, TokensPage,
        TransparencyPage, UserActivityPage, UserPage, VerifyEmailPage,
    },
};

/// Sets the theme that somebody chose before anything is painted. Constant, so that its hash is too.
const THEME_SCRIPT: &str = r#"try{const t=localStorage.getItem("theme");if(t==="light"||t==="dark")document.documentElement.dataset.theme=t}catch{}"#;

/// The HTML document around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let site = site();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <script inner_html=THEME_SCRIPT></script>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="search" href="/opensearch.xml" type="application/opensearchdescription+xml" title="pginstall"/>
                <link rel="preload" href=site.asset("ibm-plex-sans-latin-400-normal.woff2") r#as="font" r#type="font/woff2" crossorigin=""/>
                <link rel="stylesheet" href=site.asset("pginstall.css")/>
                <HydrationScripts options islands=true/>
                <MetaTags/>
            </head>
            <body class="flex min-h-dvh flex-col">
                <App/>
            </body>
        </html>
    }
}

/// All pages; each waits for its data, so that HTML is complete and its status known.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "pginstall: PostgreSQL extensions".to_owned() } else { format!("{title} · pginstall") }/>
        <Router>
            <Header/>
            <Banners/>
            <main id="content" tabindex="-1" class="flex-1">
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                    <Route path=path!("/packages") view=BrowsePage ssr=SsrMode::Async/>
                    <Route path=path!("/search") view=SearchPage ssr=SsrMode::Async/>
                    <Route path=path!("/categories/:slug") view=CategoryPage ssr=SsrMode::Async/>
                    <Route path=path!("/tags/:tag") view=TagPage ssr=SsrMode::Async/>
                    <Route path=path!("/packages/:name") view=PackagePage ssr=SsrMode::Async/>
                    <Route path=path!("/packages/:name/:version") view=PackagePage ssr=SsrMode::Async/>
                    <Route path=path!("/packages/:name/:version/:tab") view=PackagePage ssr=SsrMode::Async/>
                    <Route path=path!("/publish") view=PublishPage ssr=SsrMode::Async/>
                    <Route path=path!("/docs") view=DocsPage ssr=SsrMode::Async/>
                    <Route path=path!("/docs/:page") view=DocumentPage ssr=SsrMode::Async/>
                    <Route path=path!("/about") view=AboutPage ssr=SsrMode::Async/>
                    <Route path=path!("/activity") view=ActivityPage ssr=SsrMode::Async/>
                    <Route path=path!("/activity/packages/:name") view=PackageActivityPage ssr=SsrMode::Async/>
                    <Route path=path!("/activity/users/:handle") view=UserActivityPage ssr=SsrMode::Async/>
                    <Route path=path!("/policies") view=PoliciesPage ssr=SsrMode::Async/>
                    <Route path=path!("/policies/:page") view=PolicyPage ssr=SsrMode::Async/>
                    <Route path=path!("/transparency") view=TransparencyPage ssr=SsrMode::Async/>
                    <Route path=path!("/report") view=ReportPage ssr=SsrMode::Async/>
                    <Route path=path!("/report/confirm") view=ConfirmReportPage ssr=SsrMode::Async/>
                    <Route path=path!("/register") view=RegisterPage ssr=SsrMode::Async/>
                    <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                    <Route path=path!("/register/identity") view=RegisterIdentityPage ssr=SsrMode::Async/>
                    <Route path=path!("/login/second-factor") view=SecondFactorPage ssr=SsrMode::Async/>
                    <Route path=path!("/account-deleted") view=DeletedPage ssr=SsrMode::Async/>
                    <Route path=path!("/forgot-password") view=ForgotPasswordPage ssr=SsrMode::Async/>
                    <Route path=path!("/reset-password") view=ResetPasswordPage ssr=SsrMode::Async/>
                    <Route path=path!("/verify-email") view=VerifyEmailPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/security") view=SecurityPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/security/authenticator") view=AuthenticatorPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/security/recovery-codes") view=RecoveryCodesPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/confirm") view=ConfirmPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/publishing") view=PublishingPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/delete") view=DeletePage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/sessions") view=SessionsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/tokens") view=TokensPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/claims/:name") view=ClaimPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/invitations") view=InvitationsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/packages") view=PackagesPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/packages/:name") view=PackagePeoplePage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/packages/:name/description") view=DescriptionPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/packages/:name/releases") view=ReleasesPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/packages/:name/availability") view=AvailabilityPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/organisations") view=OrganisationsPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/organisations/:handle") view=OrganisationPeoplePage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/organisations/:handle/profile") view=OrganisationProfilePage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/admin-link") view=AdminLinkPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin") view=AdminPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/reports") view=AdminReportsPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/reports/:id") view=AdminCasePage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/packages") view=AdminPackagesPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/packages/:id") view=AdminPackagePage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/log") view=AdminLogPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/categories") view=AdminCategoriesPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/categories/:slug") view=AdminCategoryPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/tags") view=AdminTagsPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/banners") view=AdminBannersPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/names") view=AdminNamesPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/flags") view=AdminFlagsPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/operations") view=AdminOperationsPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/accounts") view=AdminAccountsPage ssr=SsrMode::Async/>
                    <Route path=path!("/admin/accounts/:handle") view=AdminAccountPage ssr=SsrMode::Async/>
                    <Route path=path!("/users/:handle") view=UserPage ssr=SsrMode::Async/>
                </FlatRoutes>
            </main>
            <Footer/>
        </Router>
    }
}

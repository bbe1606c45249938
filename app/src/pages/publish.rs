use leptos::prelude::*;
use model::{PackageName, Version};
use registry::{Severity, UploadFinding};

use crate::components::{Breadcrumbs, CodeBlock, Icon, PageHead};
use crate::context::site;

/// What was typed and what became of it; the server puts it into the context when the form was sent.
#[derive(Clone, Debug, Default)]
pub struct PublishForm {
    /// As it was typed; the token and the file are not kept.
    pub description: String,
    /// Likewise.
    pub licence: String,
    /// Likewise.
    pub repository: String,
    /// What became of it.
    pub outcome: Option<PublishOutcome>,
}

/// What became of an upload.
#[derive(Clone, Debug)]
pub enum PublishOutcome {
    /// It was looked at, and nothing was published.
    Checked {
        /// The package.
        name: PackageName,
        /// The release.
        version: Version,
        /// Everything there is to say; none where all is well.
        findings: Vec<UploadFinding>,
    },
    /// It is published.
    Published {
        /// The package.
        name: PackageName,
        /// The release.
        version: Version,
        /// What its publisher should know.
        findings: Vec<UploadFinding>,
    },
    /// It was refused.
    Refused {
        /// Why, in words.
        reason: String,
        /// All that speaks against it.
        findings: Vec<UploadFinding>,
    },
}

/// The form with which people publish a file, and the commands with which programs do.
#[component]
pub(crate) fn PublishPage() -> impl IntoView {
    let form = use_context::<PublishForm>().unwrap_or_default();
    let registry = site().absolute("");
    view! {
        <PageHead
            title="Publish".to_owned()
            description="Publish an extension: choose its archive, see what would be wrong with it, and put it into the registry."
            path="/publish".to_owned()
        />
        <div class="frame py-8">
            <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here="Publish".to_owned()/>
            <h1 class="mt-3 text-heading font-semibold">"Publish"</h1>
            <p class="prose mt-2">
                "One archive for each major of PostgreSQL and each platform, or the source. Name, version, major and platform are read from it. "
                <a class="link" href="/docs/publish">"What an archive has to contain"</a>
            </p>
            <div data-upload-outcome="">{form.outcome.clone().map(|outcome| view! { <Outcome outcome/> })}</div>
            <div class="mt-8 grid gap-x-10 gap-y-10 lg:grid-cols-[minmax(0,1fr)_24rem]">
                <UploadForm form/>
                <section aria-labelledby="by-command" class="min-w-0">
                    <h2 id="by-command" class="text-subheading font-semibold">"From a shell or from CI"</h2>
                    <div class="mt-3 space-y-3">
                        <CodeBlock
                            place="With the trunk command, beside a Trunk.toml"
                            what="the command"
                            code=format!("TRUNK_API_TOKEN=pgi_… trunk publish --registry {registry}")
                        />
                        <CodeBlock
                            place="With curl"
                            what="the command"
                            code=format!(
                                "curl -X PUT -T example-1.0.0.tar.gz \\\n  -H 'Authorization: Bearer pgi_…' \\\n  {registry}/api/v1/packages/example/1.0.0/artifacts/17/debian-12-x86_64-gnu",
                            )
                        />
                    </div>
                </section>
            </div>
        </div>
        <script src="/upload-progress.js" type="module"></script>
    }
}

#[component]
fn UploadForm(form: PublishForm) -> impl IntoView {
    let field = "mt-1 w-full rounded-md border border-line bg-surface px-3 py-2 text-ink";
    view! {
        <form method="post" action="/publish" enctype="multipart/form-data" data-upload="" class="min-w-0 max-w-xl space-y-5" aria-label="Publish an archive">
            <div>
                <label for="token" class="font-semibold">"Token"</label>
                <p id="token-hint" class="text-small text-ink-soft">
                    "Make one in your settings, under " <a class="link" href="/settings/tokens">"Tokens"</a>
                </p>
                <input id="token" name="token" type="password" required autocomplete="off" spellcheck="false" aria-describedby="token-hint" class=format!("{field} font-mono")/>
            </div>
            <div>
                <label for="description" class="font-semibold">"Description"</label>
                <p id="description-hint" class="text-small text-ink-soft">"What it is for, in a sentence. Else the comment of its control file."</p>
                <input id="description" name="description" maxlength="1000" value=form.description aria-describedby="description-hint" class=field/>
            </div>
            <div>
                <label for="licence" class="font-semibold">"Licence"</label>
                <input id="licence" name="licence" maxlength="200" placeholder="PostgreSQL" value=form.licence class=field/>
            </div>
            <div>
                <label for="repository" class="font-semibold">"Repository"</label>
                <input id="repository" name="repository" type="url" maxlength="2000" placeholder="https://" value=form.repository class=field/>
            </div>
            // Last, so that all else has arrived when it is refused.
            <div>
                <label for="file" class="font-semibold">"Archive"</label>
                <p id="file-hint" class="text-small text-ink-soft">
                    "A .tar.gz with a manifest.json, or the source as a .zip with a META.json."
                    <noscript>" It is not kept between two tries."</noscript>
                </p>
                <input id="file" name="file" type="file" required accept=".gz,.zip,application/gzip,application/zip" aria-describedby="file-hint" class=field/>
            </div>
            <div class="flex flex-wrap gap-3">
                <button class="button" name="act" value="check">"Check first"</button>
                <button class="button button-primary" name="act" value="publish">"Publish"</button>
            </div>
        </form>
    }
}

#[component]
fn Outcome(outcome: PublishOutcome) -> impl IntoView {
    let (icon, title, findings, link) = match outcome {
        PublishOutcome::Checked { name, version, findings } => {
            let is_fine = !findings.iter().any(|finding| finding.severity == Severity::Error);
            let title = if is_fine {
                format!("{name} {version} can be published.")
            } else {
                format!("{name} {version} would be refused.")
            };
            (if is_fine { icondata_lu::LuCircleCheck } else { icondata_lu::LuTriangleAlert }, title, findings, None)
        }
        PublishOutcome::Published { name, version, findings } => (
            icondata_lu::LuCircleCheck,
            format!("{name} {version} is published."),
            findings,
            Some(format!("/packages/{name}/{version}")),
        ),
        PublishOutcome::Refused { reason, findings } => {
            (icondata_lu::LuTriangleAlert, format!("Nothing was published: {reason}."), findings, None)
        }
    };
    view! {
        <section class="notice mt-6" role="status" aria-label="What became of it">
            <p class="flex gap-2">
                <Icon icon class="mt-0.5 size-5 shrink-0"/>
                <span class="min-w-0 break-words font-semibold">{title}</span>
            </p>
            {(!findings.is_empty())
                .then(|| {
                    view! {
                        <ul class="mt-3 space-y-2">
                            {findings
                                .into_iter()
                                .map(|finding| {
                                    let kind = match finding.severity {
                                        Severity::Error => "Error",
                                        Severity::Warning => "Warning",
                                    };
                                    view! {
                                        <li class="break-words">
                                            <span class="font-semibold">{kind}</span>
                                            ": "
                                            {finding.message}
                                            " "
                                            <span class="font-mono text-small text-ink-soft">{finding.code}</span>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                })}
            {link.map(|link| view! { <p class="mt-3"><a class="link" href=link>"See its page"</a></p> })}
        </section>
    }
}

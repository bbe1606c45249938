use leptos::prelude::*;
use registry::{OwnPackage, PublisherDetails, PublishersPage, WorkflowIssuer, WorkflowService};

use super::{
    settings_frame::{Section, SettingsFrame},
    when::{Ago, Day},
    workflows::{Way, Workflow},
};
use crate::{
    components::{CodeBlock, Field, FieldProblem, Icon},
    context::{registry, site, visitor},
    forms::{FormState, form_state},
    load::load,
};

/// Which workflows may publish for somebody.
#[component]
pub(crate) fn PublishingPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    load(async move { registry.publishers(&visitor).await }, move |page| {
        let PublishersPage { packages, publishers, issuers } = page;
        let only: Vec<OwnPackage> = packages
            .iter()
            .filter(|package| publishers.iter().any(|publisher| !publisher.is_pending && publisher.name.folded() == package.name.folded()))
            .cloned()
            .collect();
        view! {
            <SettingsFrame here=Section::Publishing state=state.clone()>
                <p>
                    "A workflow of a repository publishes without a secret that could leak: each of its runs shows a token of the service that runs it, and gets one here for a quarter of an hour. "
                    <a class="link" href="/docs/publish#trusted-publishing">"How it works"</a>
                </p>
                <Publishers publishers issuers=issuers.clone()/>
                <Only packages=only/>
                <NewPublisher state=state.of_form("add") issuers/>
            </SettingsFrame>
        }
    })
    .into_any()
}

#[component]
fn Publishers(publishers: Vec<PublisherDetails>, issuers: Vec<WorkflowIssuer>) -> impl IntoView {
    view! {
        <section aria-labelledby="publishers">
            <h2 id="publishers" class="text-subheading font-semibold">"Workflows that may publish"</h2>
            {publishers.is_empty().then(|| view! { <p class="mt-3 text-ink-soft">"None yet."</p> })}
            <ul class="mt-3 divide-y divide-line border-y border-line empty:hidden">
                {publishers
                    .into_iter()
                    .map(|publisher| {
                        let issuer = issuers.iter().find(|issuer| issuer.address == publisher.issuer).cloned();
                        view! { <Publisher publisher issuer/> }
                    })
                    .collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Publisher(publisher: PublisherDetails, issuer: Option<WorkflowIssuer>) -> impl IntoView {
    let name = publisher.name.to_string();
    let action = format!("Remove {} of {} for {name}", publisher.workflow, publisher.repository);
    let server = issuer.as_ref().map_or_else(|| publisher.issuer.clone(), WorkflowIssuer::server);
    let place = server.split("://").nth(1).unwrap_or(&server).to_owned();
    let environment = publisher.environment.clone();
    view! {
        <li class="py-3">
            <div class="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
                <div class="min-w-0 flex-1 basis-60">
                    <p class="break-words">
                        {if publisher.is_pending {
                            view! { <span class="font-mono break-all">{name.clone()}</span> }.into_any()
                        } else {
                            view! { <a class="link font-mono break-all" href=format!("/packages/{name}")>{name.clone()}</a> }.into_any()
                        }}
                        {publisher
                            .is_pending
                            .then(|| {
                                view! {
                                    <span class="ml-3 inline-flex items-center gap-1 text-small text-caution">
                                        <Icon icon=icondata_lu::LuClock class="size-3.5"/>
                                        "still to come"
                                    </span>
                                }
                            })}
                    </p>
                    <p class="break-words">
                        <span class="font-mono wrap-anywhere">{publisher.workflow.clone()}</span>
                        " of "
                        <span class="font-mono wrap-anywhere">{format!("{place}/{}", publisher.repository)}</span>
                        {environment.clone().map(|environment| format!(", in the environment {environment}"))}
                    </p>
                    <p class="text-small text-ink-soft">
                        "Added " <Day moment=publisher.created_at/> " · "
                        {match publisher.last_used_at {
                            Some(moment) => view! { "last run " <Ago moment/> }.into_any(),
                            None => view! { "no run yet" }.into_any(),
                        }}
                        {publisher.repository_id.map(|id| format!(" · repository no. {id}"))}
                    </p>
                </div>
                <form method="post" action="/settings/publishing">
                    <input type="hidden" name="form" value="remove"/>
                    <input type="hidden" name="publisher" value=publisher.id.to_string()/>
                    <button class="button" aria-label=action>"Remove"</button>
                </form>
            </div>
            {issuer
                .map(|issuer| {
                    let registry = site().absolute("");
                    let workflow = Workflow {
                        service: issuer.service,
                        package: &name,
                        environment: environment.as_deref(),
                        registry: &registry,
                    };
                    let (source, trunk) = (workflow.file(Way::Source), workflow.file(Way::Trunk));
                    let file = match issuer.service {
                        WorkflowService::GitHub => format!(".github/workflows/{}", publisher.workflow),
                        WorkflowService::GitLab => publisher.workflow,
                    };
                    view! {
                        <details class="mt-2">
                            <summary class="cursor-pointer text-accent">"What to put into the repository"</summary>
                            <div class="mt-3 space-y-4">
                                <CodeBlock place=format!("Either, in {file}: publish the source by curl") what="the workflow for the source" code=source/>
                                <CodeBlock place=format!("Or, in {file}: publish a binary by trunk") what="the workflow for a binary" code=trunk/>
                            </div>
                        </details>
                    }
                })}
        </li>
    }
}

#[component]
fn Only(packages: Vec<OwnPackage>) -> impl IntoView {
    (!packages.is_empty()).then(|| {
        view! {
            <section aria-labelledby="only">
                <h2 id="only" class="text-subheading font-semibold">"Only by workflows"</h2>
                <p class="mt-1">"A package that is published only by its workflows takes no other token, however it was got."</p>
                <ul class="mt-3 divide-y divide-line border-y border-line">
                    {packages
                        .into_iter()
                        .map(|package| {
                            let name = package.name.to_string();
                            let (words, label) = if package.publishers_only {
                                ("only by its workflows", "Allow tokens too")
                            } else {
                                ("by its workflows and with tokens", "Only by workflows")
                            };
                            let action = format!("{label}: {name}");
                            view! {
                                <li class="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2">
                                    <p class="min-w-0 break-words"><span class="font-mono break-all">{name.clone()}</span> {format!(": {words}")}</p>
                                    <form method="post" action="/settings/publishing">
                                        <input type="hidden" name="form" value="only"/>
                                        <input type="hidden" name="name" value=name/>
                                        <input type="hidden" name="only" value=if package.publishers_only { "no" } else { "yes" }/>
                                        <button class="button" aria-label=action>{label}</button>
                                    </form>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn NewPublisher(state: FormState, issuers: Vec<WorkflowIssuer>) -> impl IntoView {
    let typed = state.value("issuer");
    let problem = state.problem_of("issuer");
    view! {
        <section aria-labelledby="new-publisher">
            <h2 id="new-publisher" class="text-subheading font-semibold">"Trust a workflow"</h2>
            <form method="post" action="/settings/publishing" class="mt-4 max-w-md space-y-5" aria-label="Trust a workflow">
                <input type="hidden" name="form" value="add"/>
                <Field
                    state=state.clone()
                    name="name"
                    label="Package"
                    hint="One that you own, or one that is still to come: its first release makes you its owner."
                    longest=63
                    is_code=true
                />
                <div>
                    <label for="issuer" class="font-semibold">"Service"</label>
                    <select id="issuer" name="issuer" autocomplete="off" class="mt-1 w-full rounded-md border border-line bg-surface px-3 py-2 text-ink">
                        {issuers
                            .into_iter()
                            .map(|issuer| {
                                let is_chosen = issuer.address == typed;
                                let server = issuer.server();
                                let words = format!("{} at {}", issuer.service.name(), server.split("://").nth(1).unwrap_or(&server));
                                view! {
                                    <option value=issuer.address selected=is_chosen>
                                        {words}
                                    </option>
                                }
                            })
                            .collect_view()}
                    </select>
                    <FieldProblem id="issuer" problem/>
                </div>
                <Field
                    state=state.clone()
                    name="repository"
                    label="Repository"
                    hint="As owner/name, or the path of a project: ada/pg_example."
                    longest=255
                    is_code=true
                />
                <Field
                    state=state.clone()
                    name="workflow"
                    label="Workflow"
                    hint="The name of its file: release.yml; on GitLab its path: .gitlab-ci.yml."
                    longest=255
                    is_code=true
                />
                <Field
                    state
                    name="environment"
                    label="Environment"
                    hint="Empty for any. With one, the service can ask people before a run publishes."
                    longest=255
                    is_required=false
                    is_code=true
                />
                <button class="button button-primary">"Trust the workflow"</button>
            </form>
        </section>
    }
}

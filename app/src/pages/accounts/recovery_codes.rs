use leptos::prelude::*;
use registry::Factors;

use super::settings_frame::{Section, SettingsFrame};
use crate::{
    components::{CodeBlock, Field},
    context::{registry, visitor},
    forms::{FormState, form_state},
    load::load,
};

/// Recovery codes: made, shown once, and tested.
#[component]
pub(crate) fn RecoveryCodesPage() -> impl IntoView {
    let Some(visitor) = visitor() else { return ().into_any() };
    let (registry, state) = (registry(), form_state());
    load(async move { registry.factors(&visitor).await }, move |factors| {
        view! {
            <SettingsFrame here=Section::Security title="Recovery codes" state=state.clone()>
                <Codes state factors/>
            </SettingsFrame>
        }
    })
    .into_any()
}

#[component]
fn Codes(state: FormState, factors: Factors) -> impl IntoView {
    let Factors { recovery_codes, recovery_is_tested, .. } = factors;
    let waits = recovery_codes > 0 && !recovery_is_tested;
    let words = match (recovery_codes, recovery_is_tested) {
        (0, _) => "You have none.".to_owned(),
        (count, true) => format!("{count} of your codes are left."),
        (count, false) => format!("{count} codes were made. They count as soon as you have typed in one of them."),
    };
    let label = if recovery_codes == 0 { "Make recovery codes" } else { "Make new ones" };
    let shown = state.codes.clone();
    view! {
        <section aria-labelledby="recovery-codes">
            <h2 id="recovery-codes" class="text-subheading font-semibold">"Recovery codes"</h2>
            <p class="mt-2">"Each of them takes the place of your second factor, once. They are for the day on which your device is lost."</p>
            <p class="mt-2">{words}</p>
            {(!shown.is_empty())
                .then(|| {
                    view! {
                        <div class="mt-4">
                            <CodeBlock
                                place="Shown now and never again: keep them where you find them without your device"
                                what="the recovery codes"
                                code=shown.join("\n")
                            />
                        </div>
                    }
                })}
            {waits
                .then(|| {
                    view! {
                        <form method="post" action="/settings/security/recovery-codes" class="mt-6 max-w-md space-y-5" aria-label="Show that you have kept them">
                            <input type="hidden" name="form" value="test"/>
                            <Field
                                state=state.clone()
                                name="code"
                                label="One of the codes"
                                hint="It is used up by this. It shows that you have kept them."
                                longest=40
                                is_code=true
                            />
                            <button class="button button-primary">"I have kept them"</button>
                        </form>
                    }
                })}
            <form method="post" action="/settings/security/recovery-codes" class="mt-6" aria-label="Make recovery codes">
                <input type="hidden" name="form" value="make"/>
                <button class=if waits { "button" } else { "button button-primary" }>{label}</button>
                {(recovery_codes > 0).then(|| view! { <p class="mt-1 text-small text-ink-soft">"Those that you have are good for nothing then."</p> })}
            </form>
            <p class="mt-6"><a class="link" href="/settings/security">"Back to security"</a></p>
        </section>
    }
}

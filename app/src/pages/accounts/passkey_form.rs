use leptos::prelude::*;

/// A form that a passkey answers. A script fetches what is to be answered, lets the browser ask for the passkey, and sends the
/// answer; without scripts there are no passkeys, so the form stays hidden until one has run.
#[component]
pub(super) fn PasskeyForm(
    /// Where it is sent.
    #[prop(into)]
    action: String,
    /// Where the script gets what is to be answered.
    challenge: &'static str,
    /// The field for the answer.
    field: &'static str,
    /// What it is for.
    label: &'static str,
    /// Whether a passkey is made.
    #[prop(default = false)]
    is_new: bool,
    /// What else is sent, and the button.
    children: Children,
) -> impl IntoView {
    view! {
        <form
            method="post"
            action=action
            class="mt-4 space-y-5"
            aria-label=label
            hidden
            data-passkey=if is_new { "create" } else { "get" }
            data-challenge=challenge
            data-field=field
        >
            <input type="hidden" name=field value=""/>
            <p role="alert" class="text-small text-danger empty:hidden"></p>
            {children()}
        </form>
        <script type="module" src="/passkeys.js"></script>
    }
}

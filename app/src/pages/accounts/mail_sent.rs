use leptos::prelude::*;

/// What to do while a mail is on its way, in place of the form that asked for it.
#[component]
pub(super) fn MailSent(
    /// The address of the form.
    again: &'static str,
) -> impl IntoView {
    view! {
        <p class="mt-4">"Open the link in it to go on. It may take some minutes to arrive."</p>
        <h2 class="mt-6 font-semibold">"If nothing comes"</h2>
        <ul class="mt-2 list-disc space-y-1 pl-5">
            <li>"Look into the folder for spam."</li>
            <li>
                "The address may be mistyped: " <a class="link" href=again>"fill in the form again"</a> "."
            </li>
        </ul>
        <p class="mt-6">
            <a class="link" href="/login">"Log in"</a>
        </p>
    }
}

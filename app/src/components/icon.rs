use icondata_core::Icon as IconData;
use leptos::prelude::*;
use model::CategorySlug;

/// A line icon, hidden from readers: the words beside it say the same.
#[component]
pub(crate) fn Icon(
    /// Which.
    icon: IconData,
    /// Its size and colour.
    #[prop(into, default = "size-5".to_owned())]
    class: String,
) -> impl IntoView {
    view! {
        <svg
            class=class
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            focusable="false"
            inner_html=icon.data
        ></svg>
    }
}

/// The icon of a category.
pub(crate) fn category_icon(slug: &CategorySlug) -> IconData {
    match slug.as_str() {
        "analytics" => icondata_lu::LuChartColumn,
        "auditing_logging" => icondata_lu::LuScrollText,
        "change_data_capture" => icondata_lu::LuGitCompare,
        "connectors" => icondata_lu::LuPlug,
        "data_transformations" => icondata_lu::LuShapes,
        "debugging" => icondata_lu::LuBug,
        "index_table_optimizations" => icondata_lu::LuTable2,
        "machine_learning" => icondata_lu::LuBrainCircuit,
        "metrics" => icondata_lu::LuGauge,
        "monitoring" => icondata_lu::LuActivity,
        "orchestration" => icondata_lu::LuWorkflow,
        "procedural_languages" => icondata_lu::LuBraces,
        "query_optimizations" => icondata_lu::LuZap,
        "search" => icondata_lu::LuSearch,
        "security" => icondata_lu::LuShieldCheck,
        "tooling_admin" => icondata_lu::LuWrench,
        _ => icondata_lu::LuPackage,
    }
}

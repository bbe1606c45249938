use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::use_params_map;
use model::CategorySlug;
use registry::{CategoryOverview, Listing, Page, RegistryError};

use super::browse::{Rows, wanted};
use crate::{
    components::{Breadcrumbs, Icon, category_icon},
    context::{registry, site},
    load::load,
};

/// The packages of one category.
#[component]
pub(crate) fn CategoryPage() -> impl IntoView {
    let slug = use_params_map().read_untracked().get("slug").unwrap_or_default().parse::<CategorySlug>();
    let query = wanted(slug.clone().ok());
    let registry = registry();
    let data = async move {
        let category = registry.category(&slug.map_err(|_| RegistryError::NotFound)?).await?;
        Ok((category, registry.list(&query).await?))
    };
    load(data, |(category, page): (CategoryOverview, Page<Listing>)| {
        let address = format!("/categories/{}", category.slug);
        view! {
            <Title text=category.name.clone()/>
            <Meta name="description" content=format!("PostgreSQL extensions: {}", category.sentence)/>
            <Link rel="canonical" href=site().absolute(&address)/>
            <div class="frame py-8">
                <Breadcrumbs above=vec![("/".to_owned(), "Home".to_owned())] here=category.name.clone()/>
                <h1 class="mt-3 flex items-center gap-3 text-heading font-semibold">
                    <Icon icon=category_icon(&category.slug) class="size-7 text-accent"/>
                    {category.name}
                </h1>
                <p class="prose mt-2 text-ink-soft">{category.sentence}</p>
                <div class="mt-6">
                    <Rows page address/>
                </div>
            </div>
        }
    })
}

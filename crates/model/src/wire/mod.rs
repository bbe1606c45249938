//! What the API sends: the shapes of `/api/v1`.

mod account;
mod events;
mod moderation;
mod packages;
mod people;
mod problem;
mod publishing;
mod search;

pub use account::*;
pub use events::*;
pub use moderation::*;
pub use packages::*;
pub use people::*;
pub use problem::*;
pub use publishing::*;
pub use search::*;

/// Derives what every wire type has.
macro_rules! wire {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $type,)*
            }
        )*
    };
}

use wire;

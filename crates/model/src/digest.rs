use std::{fmt, str::FromStr};

/// A SHA-256 digest; 64 lower-case hexadecimal digits as text, 32 bytes in the database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256([u8; 32]);

/// The text or bytes are no SHA-256 digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 digest is 32 bytes, written as 64 lower-case hexadecimal digits")]
pub struct InvalidSha256;

impl Sha256 {
    /// The digest itself.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for Sha256 {
    type Error = InvalidSha256;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self).map_err(|_| InvalidSha256)
    }
}

impl FromStr for Sha256 {
    type Err = InvalidSha256;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; 32];
        if text.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return Err(InvalidSha256);
        }
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidSha256)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl serde::Serialize for Sha256 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Sha256 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "sqlx")]
mod database {
    use sqlx::{Decode, Encode, Postgres, Type, encode::IsNull, error::BoxDynError, postgres};

    use super::Sha256;

    impl Type<Postgres> for Sha256 {
        fn type_info() -> postgres::PgTypeInfo {
            <Vec<u8> as Type<Postgres>>::type_info()
        }
    }

    impl postgres::PgHasArrayType for Sha256 {
        fn array_type_info() -> postgres::PgTypeInfo {
            <Vec<u8> as postgres::PgHasArrayType>::array_type_info()
        }
    }

    impl Encode<'_, Postgres> for Sha256 {
        fn encode_by_ref(&self, buffer: &mut postgres::PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
            <&[u8] as Encode<'_, Postgres>>::encode_by_ref(&self.0.as_slice(), buffer)
        }
    }

    impl<'row> Decode<'row, Postgres> for Sha256 {
        fn decode(value: postgres::PgValueRef<'row>) -> Result<Self, BoxDynError> {
            Ok(Self::try_from(<&[u8] as Decode<'row, Postgres>>::decode(value)?)?)
        }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Sha256 {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        String::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Sha256 {}

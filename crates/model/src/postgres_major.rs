use std::{fmt, str::FromStr};

/// A major version of PostgreSQL from 10 on: 15, 16, 17 …
///
/// Which majors exist and until when they are supported is data in the database; a new one needs no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostgresMajor(u8);

/// The text or number is no major version that extensions are listed for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PostgreSQL major version is a number from 10 to 99")]
pub struct InvalidPostgresMajor;

impl PostgresMajor {
    /// As a number, for example 15.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Reads the output of `pg_config --version` (`PostgreSQL 15.18 (Debian …)`, `PostgreSQL 19beta1`) or a plain version.
    pub fn from_version_text(text: &str) -> Result<Self, InvalidPostgresMajor> {
        let version = text.trim().strip_prefix("PostgreSQL").unwrap_or(text).trim_start();
        let digits = version.len() - version.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
        version[..digits].parse()
    }
}

impl TryFrom<i64> for PostgresMajor {
    type Error = InvalidPostgresMajor;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        u8::try_from(number).ok().filter(|number| (10..=99).contains(number)).map(Self).ok_or(InvalidPostgresMajor)
    }
}

impl FromStr for PostgresMajor {
    type Err = InvalidPostgresMajor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<i64>().ok()).flatten().ok_or(InvalidPostgresMajor)?.try_into()
    }
}

impl fmt::Display for PostgresMajor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl serde::Serialize for PostgresMajor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0)
    }
}

impl<'de> serde::Deserialize<'de> for PostgresMajor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "sqlx")]
mod database {
    use sqlx::{Decode, Encode, Postgres, Type, encode::IsNull, error::BoxDynError, postgres};

    use super::PostgresMajor;

    impl Type<Postgres> for PostgresMajor {
        fn type_info() -> postgres::PgTypeInfo {
            <i16 as Type<Postgres>>::type_info()
        }
    }

    impl postgres::PgHasArrayType for PostgresMajor {
        fn array_type_info() -> postgres::PgTypeInfo {
            <i16 as postgres::PgHasArrayType>::array_type_info()
        }
    }

    impl Encode<'_, Postgres> for PostgresMajor {
        fn encode_by_ref(&self, buffer: &mut postgres::PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
            <i16 as Encode<'_, Postgres>>::encode_by_ref(&i16::from(self.0), buffer)
        }
    }

    impl<'row> Decode<'row, Postgres> for PostgresMajor {
        fn decode(value: postgres::PgValueRef<'row>) -> Result<Self, BoxDynError> {
            Ok(Self::try_from(i64::from(<i16 as Decode<'row, Postgres>>::decode(value)?))?)
        }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for PostgresMajor {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        u8::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for PostgresMajor {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_pg_config_prints() {
        let major = |text: &str| PostgresMajor::from_version_text(text).map(PostgresMajor::number);
        assert_eq!(major("PostgreSQL 15.18 (Debian 15.18-0+deb12u1)\n"), Ok(15));
        assert_eq!(major("PostgreSQL 19beta1"), Ok(19));
        assert_eq!(major("18.4"), Ok(18));
        assert_eq!(major("PostgreSQL 9.6.24"), Err(InvalidPostgresMajor));
        assert_eq!(major("EnterpriseDB"), Err(InvalidPostgresMajor));
        assert_eq!(major("PostgreSQL 150"), Err(InvalidPostgresMajor));
        assert_eq!(major(""), Err(InvalidPostgresMajor));
    }
}

use sha2::Digest as _;
use tantivy::{
    Index,
    schema::{FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{Language, LowerCaser, NgramTokenizer, SimpleTokenizer, Stemmer, TextAnalyzer},
};

/// Words of names: letters and digits, in lower case.
pub(super) const WORDS: &str = "words";
/// Words of sentences: likewise, without their English endings.
pub(super) const STEMMED: &str = "stemmed";
/// Beginnings of names.
const BEGINNINGS: &str = "beginnings";

/// The longest beginning of a name that is indexed, in characters.
pub(super) const LONGEST_BEGINNING: usize = 24;

/// The fields of the index.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    /// The package.
    pub(super) package: Field,
    /// Short name and extension names, folded, with and without their underscores.
    pub(super) names: Field,
    /// The words of the names.
    pub(super) name_words: Field,
    /// Beginnings of names and of their words.
    pub(super) beginnings: Field,
    /// Tags and names of categories.
    pub(super) labels: Field,
    /// The sentence.
    pub(super) summary: Field,
    /// Comments of control files.
    pub(super) description: Field,
    /// The bit of each category, by its position.
    pub(super) categories: Field,
    /// Platforms as text.
    pub(super) platforms: Field,
    /// For each platform, in the same order, the bits of its majors, counted from 10.
    pub(super) platform_majors: Field,
    /// Tags as they are written.
    pub(super) tags: Field,
    /// The place of the load kind in its list, from 1; 0 where nothing is loaded.
    pub(super) load: Field,
    /// 1 where every extension is trusted.
    pub(super) trusted: Field,
    /// The folded short name, for sorting.
    pub(super) name: Field,
    /// Seconds since 1970 of the last update.
    pub(super) updated: Field,
    /// Seconds since 1970 of the first publication.
    pub(super) created: Field,
}

impl Fields {
    pub(super) fn new() -> Self {
        let text = |tokenizer: &str, record| {
            TextOptions::default()
                .set_indexing_options(TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record))
        };
        let mut schema = Schema::builder();
        let package = schema.add_u64_field("package", FAST | INDEXED | STORED);
        let names = schema.add_text_field("names", STRING);
        let name_words = schema.add_text_field("name_words", text(WORDS, IndexRecordOption::WithFreqs));
        let beginnings = schema.add_text_field("beginnings", text(BEGINNINGS, IndexRecordOption::Basic));
        let labels = schema.add_text_field("labels", text(STEMMED, IndexRecordOption::WithFreqsAndPositions));
        let summary = schema.add_text_field("summary", text(STEMMED, IndexRecordOption::WithFreqsAndPositions));
        let description = schema.add_text_field("description", text(STEMMED, IndexRecordOption::WithFreqs));
        let categories = schema.add_u64_field("categories", FAST);
        let platforms = schema.add_text_field("platforms", TextOptions::default().set_fast("raw"));
        let platform_majors = schema.add_u64_field("platform_majors", FAST);
        let tags = schema.add_text_field("tags", TextOptions::default().set_fast("raw"));
        let load = schema.add_u64_field("load", FAST);
        let trusted = schema.add_u64_field("trusted", FAST);
        let name = schema.add_text_field("name", TextOptions::default().set_fast("raw"));
        let updated = schema.add_i64_field("updated", FAST);
        let created = schema.add_i64_field("created", FAST);
        Self {
            schema: schema.build(),
            package,
            names,
            name_words,
            beginnings,
            labels,
            summary,
            description,
            categories,
            platforms,
            platform_majors,
            tags,
            load,
            trusted,
            name,
            updated,
            created,
        }
    }

    /// A name for the directory of an index with this schema: another schema, another directory.
    pub(super) fn hash(&self) -> String {
        /// Raised when the same schema is filled differently.
        const FILLING: u32 = 2;
        let description = serde_json::to_string(&self.schema).unwrap_or_default();
        hex::encode(&sha2::Sha256::digest(format!("{FILLING} {LONGEST_BEGINNING} {description}"))[..8])
    }

    /// Teaches an index how words are made.
    pub(super) fn register(index: &Index) -> tantivy::Result<()> {
        let words = TextAnalyzer::builder(SimpleTokenizer::default()).filter(LowerCaser).build();
        index.tokenizers().register(WORDS, words);
        index.tokenizers().register(STEMMED, stemmed());
        let beginnings = NgramTokenizer::prefix_only(1, LONGEST_BEGINNING)?;
        index.tokenizers().register(BEGINNINGS, TextAnalyzer::builder(beginnings).filter(LowerCaser).build());
        Ok(())
    }
}

/// Makes words as sentences have them in the index.
pub(super) fn stemmed() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default()).filter(LowerCaser).filter(Stemmer::new(Language::English)).build()
}

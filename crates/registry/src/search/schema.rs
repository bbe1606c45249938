use sha2::Digest as _;
use tantivy::{
    Index,
    schema::{FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions},
    tokenizer::{Language, LowerCaser, NgramTokenizer, SimpleTokenizer, Stemmer, TextAnalyzer},
};

/// Words: letters and digits, in lower case, without their English endings.
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
    /// All words: of names, tags, categories, the sentence and comments, each as often as it weighs. One field for all of
    /// them: a search looks up each word once.
    pub(super) text: Field,
    /// Beginnings of names and of their words.
    pub(super) beginnings: Field,
    /// Tags and names of categories.
    pub(super) labels: Field,
    /// The sentence.
    pub(super) summary: Field,
    /// Tags as they are written.
    pub(super) tags: Field,
    /// Categories, load kind and trust as one text, see `facts.rs`.
    pub(super) traits: Field,
    /// Platforms with their majors as one text, see `facts.rs`.
    pub(super) builds: Field,
    /// The folded short name, for sorting.
    pub(super) name: Field,
    /// Seconds since 1970 of the last update.
    pub(super) updated: Field,
    /// Seconds since 1970 of the first publication.
    pub(super) created: Field,
    /// The listing as JSON, so that a page of results needs nothing but the index.
    pub(super) listing: Field,
}

impl Fields {
    pub(super) fn new() -> Self {
        let text = |tokenizer: &str, record| {
            TextOptions::default()
                .set_indexing_options(TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record))
        };
        let mut schema = Schema::builder();
        let package = schema.add_u64_field("package", FAST | INDEXED);
        let names = schema.add_text_field("names", STRING);
        let all_text = schema.add_text_field("text", text(STEMMED, IndexRecordOption::WithFreqs));
        let beginnings = schema.add_text_field("beginnings", text(BEGINNINGS, IndexRecordOption::Basic));
        let labels = schema.add_text_field("labels", text(STEMMED, IndexRecordOption::WithFreqsAndPositions));
        let summary = schema.add_text_field("summary", text(STEMMED, IndexRecordOption::WithFreqsAndPositions));
        let tags = schema.add_text_field("tags", STRING);
        let traits = schema.add_text_field("traits", TextOptions::default().set_fast("raw"));
        let builds = schema.add_text_field("builds", TextOptions::default().set_fast("raw"));
        let name = schema.add_text_field("name", TextOptions::default().set_fast("raw"));
        let updated = schema.add_i64_field("updated", FAST);
        let created = schema.add_i64_field("created", FAST);
        let listing = schema.add_bytes_field("listing", STORED);
        Self {
            schema: schema.build(),
            package,
            names,
            text: all_text,
            beginnings,
            labels,
            summary,
            tags,
            traits,
            builds,
            name,
            updated,
            created,
            listing,
        }
    }

    /// A name for the directory of an index with this schema: another schema, another directory.
    pub(super) fn hash(&self) -> String {
        /// Raised when the same schema is filled differently.
        const FILLING: u32 = 5;
        let description = serde_json::to_string(&self.schema).unwrap_or_default();
        hex::encode(&sha2::Sha256::digest(format!("{FILLING} {LONGEST_BEGINNING} {description}"))[..8])
    }

    /// Teaches an index how words are made.
    pub(super) fn register(index: &Index) -> tantivy::Result<()> {
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

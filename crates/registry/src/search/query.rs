use model::{CategorySlug, LoadKind, Platform, PostgresMajor};
use tantivy::{
    Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, FuzzyTermQuery, Occur, PhraseQuery, Query, TermQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{
    schema::{Fields, LONGEST_BEGINNING, stemmed},
    service::Understood,
};

/// The order of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchOrder {
    /// The best first; without words, by name.
    #[default]
    Relevance,
    /// By name, A to Z.
    Name,
    /// The last updated first.
    Updated,
    /// The last added first.
    Created,
    /// Those with the most downloads in the last thirty days first.
    Downloads,
}

/// What somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// Words or a name; empty for everything.
    pub text: String,
    /// Only packages with this tag.
    pub tag: Option<String>,
    /// Only packages of this category.
    pub category: Option<CategorySlug>,
    /// Only packages with a file for this major.
    pub major: Option<PostgresMajor>,
    /// Only packages with a file for this platform.
    pub platform: Option<Platform>,
    /// Only packages whose library is loaded so.
    pub load: Option<LoadKind>,
    /// Only packages whose extensions are all trusted.
    pub trusted: bool,
    /// The order.
    pub order: SearchOrder,
    /// Which part of the results, from 1.
    pub page: u32,
    /// How many results a part has.
    pub limit: u8,
}

/// Longer texts are cut: nobody means a novel.
const LONGEST_TEXT: usize = 200;
/// More words are left out.
const MOST_WORDS: usize = 12;

/// The words of a text: letters and digits, in lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    let text: String = text.chars().take(LONGEST_TEXT).collect();
    let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(MOST_WORDS).map(str::to_lowercase).collect()
}

/// Names that are like a text that is no name: two letters apart.
pub(super) fn near_names(fields: &Fields, text: &str) -> Option<Box<dyn Query>> {
    let words = words(text);
    let names = [words.join("_"), words.concat()];
    if !names.iter().all(|name| (4..=LONGEST_BEGINNING).contains(&name.chars().count())) {
        return None;
    }
    let alternatives = names.iter().map(|name| {
        let term = Term::from_field_text(fields.names, name);
        (Occur::Should, Box::new(FuzzyTermQuery::new(term, 2, true)) as Box<dyn Query>)
    });
    Some(Box::new(BooleanQuery::new(alternatives.collect())))
}

/// Words that say nothing of what is looked for.
const FILLERS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how", "i", "in", "into",
    "is", "it", "my", "of", "on", "or", "that", "the", "this", "to", "with",
];

/// How the words of a text have to match; each is tried when the one before found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// There are no words: everything.
    Everything,
    /// Every word as it is.
    Exact,
    /// Every word, one typo in each forgiven.
    WithTypos,
    /// Any word.
    AnyWord,
}

impl Attempt {
    /// What to try for a text.
    pub(super) fn for_text(text: &str) -> &'static [Self] {
        match words(text).len() {
            0 => &[Self::Everything],
            1 => &[Self::Exact, Self::WithTypos],
            _ => &[Self::Exact, Self::WithTypos, Self::AnyWord],
        }
    }

    /// What results of it are called.
    pub(super) const fn understood(self) -> Understood {
        match self {
            Self::Everything => Understood::Everything,
            Self::Exact | Self::WithTypos => Understood::EveryWord,
            Self::AnyWord => Understood::SomeWords,
        }
    }
}

/// The query of the index for a text and a tag.
pub(super) fn index_query(fields: &Fields, text: &str, tag: Option<&str>, attempt: Attempt) -> Box<dyn Query> {
    let query = text_query(fields, text, attempt);
    match tag {
        None => query,
        Some(tag) => {
            let tag = scored(exact(fields.tags, tag), 0.0);
            Box::new(BooleanQuery::new(vec![(Occur::Must, tag), (Occur::Must, query)]))
        }
    }
}

fn text_query(fields: &Fields, text: &str, attempt: Attempt) -> Box<dyn Query> {
    let words = words(text);
    if attempt == Attempt::Everything || words.is_empty() {
        return Box::new(AllQuery);
    }
    let with_typos = attempt != Attempt::Exact;
    let occur = if attempt == Attempt::AnyWord { Occur::Should } else { Occur::Must };
    let telling: Vec<&String> = words.iter().filter(|word| !FILLERS.contains(&word.as_str())).collect();
    let telling = if telling.is_empty() { words.iter().collect() } else { telling };
    let mut every: Vec<(Occur, Box<dyn Query>)> =
        telling.into_iter().map(|word| (occur, word_query(fields, word, with_typos))).collect();
    let every = if every.len() == 1 { every.remove(0).1 } else { Box::new(BooleanQuery::new(every)) };
    // Phrases make better what has the words anyway.
    let mut with_phrases = vec![(Occur::Must, every)];
    with_phrases.extend(phrase_queries(fields, text).into_iter().map(|query| (Occur::Should, query)));
    let mut alternatives: Vec<(Occur, Box<dyn Query>)> =
        vec![(Occur::Should, Box::new(BooleanQuery::new(with_phrases)))];
    alternatives.extend(name_queries(fields, &words, with_typos).into_iter().map(|query| (Occur::Should, query)));
    Box::new(BooleanQuery::new(alternatives))
}

fn exact(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn scored(query: Box<dyn Query>, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}

/// The whole text as a name: exactly, as its beginning, and with one typo.
fn name_queries(fields: &Fields, words: &[String], with_typos: bool) -> Vec<Box<dyn Query>> {
    let (name, joined) = (words.join("_"), words.concat());
    let mut queries = vec![scored(exact(fields.names, &name), 200.0)];
    if joined != name {
        queries.push(scored(exact(fields.names, &joined), 150.0));
    }
    queries.push(scored(exact(fields.beginnings, &beginning(&name)), 20.0));
    if with_typos && name.chars().count() >= 4 {
        let fuzzy = FuzzyTermQuery::new(Term::from_field_text(fields.names, &name), 1, true);
        queries.push(scored(Box::new(fuzzy), 30.0));
    }
    queries
}

fn beginning(text: &str) -> String {
    text.chars().take(LONGEST_BEGINNING).collect()
}

/// Words that stand together in a tag or the sentence, as they do in the text.
fn phrase_queries(fields: &Fields, text: &str) -> Vec<Box<dyn Query>> {
    let terms = stems(text);
    if terms.len() < 2 {
        return Vec::new();
    }
    let phrase = |field| PhraseQuery::new(terms.iter().map(|term| Term::from_field_text(field, term)).collect());
    vec![
        Box::new(BoostQuery::new(Box::new(phrase(fields.labels)), 4.0)),
        Box::new(BoostQuery::new(Box::new(phrase(fields.summary)), 2.0)),
    ]
}

fn stems(text: &str) -> Vec<String> {
    let mut analyzer = stemmed();
    let text = words(text).join(" ");
    let mut stream = analyzer.token_stream(&text);
    let mut stems = Vec::new();
    stream.process(&mut |token| stems.push(token.text.clone()));
    stems
}

/// One word: in the text, or as the beginning of a name or of a part of one.
fn word_query(fields: &Fields, word: &str, with_typos: bool) -> Box<dyn Query> {
    let mut places: Vec<(Occur, Box<dyn Query>)> =
        vec![(Occur::Should, scored(exact(fields.beginnings, &beginning(word)), 6.0))];
    for stem in stems(word) {
        let term = Term::from_field_text(fields.text, &stem);
        if with_typos && word.chars().count() >= 5 {
            places.push((Occur::Should, scored(Box::new(FuzzyTermQuery::new(term.clone(), 1, true)), 0.5)));
        }
        let found = TermQuery::new(term, IndexRecordOption::WithFreqs);
        places.push((Occur::Should, Box::new(BoostQuery::new(Box::new(found), 3.0))));
    }
    Box::new(BooleanQuery::new(places))
}

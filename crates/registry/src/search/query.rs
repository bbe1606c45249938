use model::{CategorySlug, LoadKind, Platform, PostgresMajor};
use tantivy::{
    Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, PhraseQuery,
        Query, TermQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::schema::{Fields, LONGEST_BEGINNING, stemmed};

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

/// How the words of a text have to match.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Every word.
    All,
    /// Any word.
    Any,
}

/// The query of the index for a text.
pub(super) fn index_query(fields: &Fields, text: &str, strictness: Strictness) -> Box<dyn Query> {
    let words = words(text);
    if words.is_empty() {
        return Box::new(AllQuery);
    }
    let occur = if strictness == Strictness::All { Occur::Must } else { Occur::Should };
    let every = words.iter().map(|word| (occur, word_query(fields, word))).collect();
    let mut alternatives: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Should, Box::new(BooleanQuery::new(every)))];
    alternatives.extend(name_queries(fields, &words).into_iter().map(|query| (Occur::Should, query)));
    alternatives.extend(phrase_queries(fields, text).into_iter().map(|query| (Occur::Should, query)));
    Box::new(BooleanQuery::new(alternatives))
}

fn exact(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn scored(query: Box<dyn Query>, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}

/// The whole text as a name: exactly, as its beginning, and with one typo.
fn name_queries(fields: &Fields, words: &[String]) -> Vec<Box<dyn Query>> {
    let (name, joined) = (words.join("_"), words.concat());
    let mut queries = vec![scored(exact(fields.names, &name), 200.0), scored(exact(fields.names, &joined), 150.0)];
    queries.push(scored(exact(fields.beginnings, &beginning(&name)), 20.0));
    if name.chars().count() >= 4 {
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

/// One word, wherever it counts most.
fn word_query(fields: &Fields, word: &str) -> Box<dyn Query> {
    let term = |field, text: &str| TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs);
    let mut places: Vec<Box<dyn Query>> = vec![
        Box::new(BoostQuery::new(Box::new(term(fields.name_words, word)), 6.0)),
        scored(exact(fields.beginnings, &beginning(word)), 3.0),
    ];
    for stem in stems(word) {
        for (field, boost) in [(fields.labels, 3.0), (fields.summary, 2.0), (fields.description, 1.0)] {
            places.push(Box::new(BoostQuery::new(Box::new(term(field, &stem)), boost)));
        }
        if word.chars().count() >= 5 {
            for field in [fields.name_words, fields.labels, fields.summary] {
                let text = if field == fields.name_words { word } else { stem.as_str() };
                places.push(scored(Box::new(FuzzyTermQuery::new(Term::from_field_text(field, text), 1, true)), 0.5));
            }
        }
    }
    Box::new(DisjunctionMaxQuery::with_tie_breaker(places, 0.5))
}

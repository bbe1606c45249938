use model::{CategorySlug, LoadKind, Platform, PostgresMajor};
use tantivy::{
    Searcher, Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur, PhraseQuery, Query,
        TermQuery,
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
pub(super) fn index_query(
    fields: &Fields,
    searcher: &Searcher,
    text: &str,
    tag: Option<&str>,
    attempt: Attempt,
) -> tantivy::Result<Box<dyn Query>> {
    let query = Words { fields, searcher, with_typos: attempt != Attempt::Exact }.query(text, attempt)?;
    Ok(match tag {
        None => query,
        Some(tag) => {
            let tag = scored(exact(fields.tags, tag), 0.0);
            Box::new(BooleanQuery::new(vec![(Occur::Must, tag), (Occur::Must, query)]))
        }
    })
}

type Clauses = Vec<(Occur, Box<dyn Query>)>;

/// Makes queries of words. What no document has is left out: looking for it costs as much as for anything else.
struct Words<'index> {
    fields: &'index Fields,
    searcher: &'index Searcher,
    with_typos: bool,
}

impl Words<'_> {
    fn query(&self, text: &str, attempt: Attempt) -> tantivy::Result<Box<dyn Query>> {
        let words = words(text);
        if attempt == Attempt::Everything || words.is_empty() {
            return Ok(Box::new(AllQuery));
        }
        let telling: Vec<&String> = words.iter().filter(|word| !FILLERS.contains(&word.as_str())).collect();
        let telling = if telling.is_empty() { words.iter().collect() } else { telling };
        let mut alternatives = self.name_clauses(&words)?;
        if let [word] = telling.as_slice() {
            alternatives.extend(self.word_clauses(word)?);
        } else {
            let occur = if attempt == Attempt::AnyWord { Occur::Should } else { Occur::Must };
            let mut every = Clauses::new();
            for word in telling {
                every.push((occur, one_of(self.word_clauses(word)?)));
            }
            // Phrases make better what has the words anyway.
            let phrases = self.phrase_clauses(text)?;
            let every: Box<dyn Query> = Box::new(BooleanQuery::new(every));
            let every = if phrases.is_empty() {
                every
            } else {
                Box::new(BooleanQuery::new(std::iter::once((Occur::Must, every)).chain(phrases).collect()))
            };
            alternatives.push((Occur::Should, every));
        }
        Ok(one_of(alternatives))
    }

    fn is_there(&self, field: Field, text: &str) -> tantivy::Result<bool> {
        Ok(self.searcher.doc_freq(&Term::from_field_text(field, text))? > 0)
    }

    /// The whole text as a name: exactly, as its beginning, and with one typo.
    fn name_clauses(&self, words: &[String]) -> tantivy::Result<Clauses> {
        let (name, joined) = (words.join("_"), words.concat());
        let mut clauses = Clauses::new();
        for (text, score) in [(&name, 200.0), (&joined, 150.0)] {
            if self.is_there(self.fields.names, text)? {
                clauses.push((Occur::Should, scored(exact(self.fields.names, text), score)));
            }
        }
        if self.is_there(self.fields.beginnings, &beginning(&name))? {
            clauses.push((Occur::Should, scored(exact(self.fields.beginnings, &beginning(&name)), 20.0)));
        }
        if self.with_typos && name.chars().count() >= 4 {
            let fuzzy = FuzzyTermQuery::new(Term::from_field_text(self.fields.names, &name), 1, true);
            clauses.push((Occur::Should, scored(Box::new(fuzzy), 30.0)));
        }
        Ok(clauses)
    }

    /// Words that stand together in a tag or the sentence, as they do in the text.
    fn phrase_clauses(&self, text: &str) -> tantivy::Result<Clauses> {
        let stems = stems(text);
        let mut clauses = Clauses::new();
        for (field, boost) in [(self.fields.labels, 4.0), (self.fields.summary, 2.0)] {
            let mut is_possible = stems.len() > 1;
            for stem in &stems {
                is_possible = is_possible && self.is_there(field, stem)?;
            }
            if is_possible {
                let phrase = PhraseQuery::new(stems.iter().map(|stem| Term::from_field_text(field, stem)).collect());
                clauses.push((Occur::Should, Box::new(BoostQuery::new(Box::new(phrase), boost))));
            }
        }
        Ok(clauses)
    }

    /// One word: in the text, or as the beginning of a name or of a part of one.
    fn word_clauses(&self, word: &str) -> tantivy::Result<Clauses> {
        let mut clauses = Clauses::new();
        if self.is_there(self.fields.beginnings, &beginning(word))? {
            clauses.push((Occur::Should, scored(exact(self.fields.beginnings, &beginning(word)), 6.0)));
        }
        for stem in stems(word) {
            let term = Term::from_field_text(self.fields.text, &stem);
            if self.is_there(self.fields.text, &stem)? {
                let found = TermQuery::new(term.clone(), IndexRecordOption::WithFreqs);
                clauses.push((Occur::Should, Box::new(BoostQuery::new(Box::new(found), 3.0))));
            }
            if self.with_typos && word.chars().count() >= 5 {
                clauses.push((Occur::Should, scored(Box::new(FuzzyTermQuery::new(term, 1, true)), 0.5)));
            }
        }
        Ok(clauses)
    }
}

/// Any of the clauses; nothing where there is none.
fn one_of(mut clauses: Clauses) -> Box<dyn Query> {
    match clauses.len() {
        0 => Box::new(EmptyQuery),
        1 => clauses.remove(0).1,
        _ => Box::new(BooleanQuery::new(clauses)),
    }
}

fn exact(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn scored(query: Box<dyn Query>, score: f32) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, score))
}

fn beginning(text: &str) -> String {
    text.chars().take(LONGEST_BEGINNING).collect()
}

fn stems(text: &str) -> Vec<String> {
    let mut analyzer = stemmed();
    let text = words(text).join(" ");
    let mut stream = analyzer.token_stream(&text);
    let mut stems = Vec::new();
    stream.process(&mut |token| stems.push(token.text.clone()));
    stems
}

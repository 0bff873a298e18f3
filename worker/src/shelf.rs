//! The catalog as a request sees it: small ones whole and kept by the isolate,
//! large ones as candidates that D1 selects.
//!
//! While D1 cannot be read, what the isolate has kept serves on.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use moodloop::context::ContentType;
use moodloop::params::Parameters;
use moodloop::rank::{Index, Item};
use moodloop::rng::{Purpose, uniform};

use crate::app::App;
use crate::error::Result;
use crate::store::Results;
use crate::store::catalog::{SAMPLE, items};

/// How long a catalog without a revision is kept, in milliseconds.
const KEPT_MS: i64 = 60_000;

/// A content type's items, or how many there are when they are too many.
#[derive(Clone)]
enum Shelf {
    Whole(Rc<Index>),
    Large(i64),
}

#[derive(Clone)]
struct Kept {
    revision: String,
    read_at: i64,
    shelf: Shelf,
}

thread_local! {
    static SHELVES: RefCell<BTreeMap<ContentType, Kept>> = const { RefCell::new(BTreeMap::new()) };
}

/// The items to rank for a request, indexed.
///
/// # Errors
/// `unavailable` when D1 does not answer and nothing was kept.
pub async fn index(
    app: &App,
    content_type: ContentType,
    revision: &str,
    params: &Parameters,
    seed: u64,
) -> Result<Rc<Index>> {
    let kept = SHELVES.with(|cell| cell.borrow().get(&content_type).cloned());
    let fresh =
        |kept: &Kept| kept.revision == revision && (0..KEPT_MS).contains(&(app.now - kept.read_at));
    let shelf = match kept {
        Some(kept) if fresh(&kept) => kept.shelf,
        Some(kept) => read(app, content_type, revision)
            .await
            .unwrap_or(kept.shelf),
        None => read(app, content_type, revision).await?,
    };
    match shelf {
        Shelf::Whole(index) => Ok(index),
        Shelf::Large(count) => {
            let start = uniform(seed, Purpose::Rank, 1);
            let statements = app
                .store
                .read_candidates(content_type, count, params, start)?;
            let mut results = Results::new(app.store.batch(statements.into()).await?);
            let mut found: Vec<Item> = items(&results.next()?)?;
            found.extend(items(&results.next()?)?);
            found.sort_by(|a, b| a.id.cmp(&b.id));
            found.dedup_by(|a, b| a.id == b.id);
            Ok(Rc::new(Index::build(found)?))
        }
    }
}

async fn read(app: &App, content_type: ContentType, revision: &str) -> Result<Shelf> {
    let count = app.store.count_items(content_type).await?;
    let shelf = if count > SAMPLE {
        Shelf::Large(count)
    } else {
        let items = app.store.all_items(content_type).await?;
        Shelf::Whole(Rc::new(Index::build(items)?))
    };
    let kept = Kept {
        revision: revision.to_owned(),
        read_at: app.now,
        shelf: shelf.clone(),
    };
    SHELVES.with(|cell| cell.borrow_mut().insert(content_type, kept));
    Ok(shelf)
}

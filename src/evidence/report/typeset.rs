//! Content → PDF/A-3, all in memory: no file, no clock, no network, no font of the system.
//!
//! Fonts: Libertinus Serif (SIL Open Font License 1.1), embedded by `typst-assets`, with which
//! DejaVu Sans Mono (Bitstream Vera licence) for names of files.

use std::collections::BTreeMap;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Smart};
use typst::layout::PagedDocument;
use typst::syntax::{FileId, Source, VirtualPath};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use super::{Error, Report};

const TEMPLATE: &str = include_str!("report.typ");

/// A report as PDF/A-3a bytes: tagged, with its files attached. The same report gives the same
/// bytes.
///
/// # Errors
/// [`Error::Typeset`] with the typesetter's reason.
pub fn pdf(report: &Report) -> Result<Vec<u8>, Error> {
    let world = Pages::of(report)?;
    let document: PagedDocument = typst::compile(&world).output.map_err(|e| refused(&e))?;
    let standards = PdfStandards::new(&[PdfStandard::A_3a])
        .map_err(|reason| Error::Typeset(reason.to_string()))?;
    let made_at = world.today(None).ok_or(Error::NoDate)?;
    let options = PdfOptions {
        ident: Smart::Custom(&report.case_number),
        timestamp: Some(Timestamp::new_utc(made_at)),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| refused(&errors))
}

fn refused(errors: &[SourceDiagnostic]) -> Error {
    let reasons: Vec<_> = errors.iter().map(|error| error.message.to_string()).collect();
    Error::Typeset(reasons.join("; "))
}

/// What the typesetter may see: the template, the report and its files.
struct Pages {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: Source,
    files: BTreeMap<String, Bytes>,
    today: Option<Datetime>,
}

impl Pages {
    fn of(report: &Report) -> Result<Self, Error> {
        let text = serde_json::to_vec(report).map_err(|error| Error::Typeset(error.to_string()))?;
        let mut files = BTreeMap::from([("/report.json".to_owned(), Bytes::new(text))]);
        let attached = report.attachments.iter();
        files.extend(attached.map(|file| (format!("/{}", file.name), bytes(&file.bytes))));
        files.extend(report.pictures.iter().map(|(path, it)| (path.clone(), bytes(it))));
        let fonts: Vec<Font> = typst_assets::fonts()
            .flat_map(|data| Font::iter(Bytes::new(data)))
            .filter(|font| !font.info().family.starts_with("New Computer Modern"))
            .collect();
        let template = FileId::new(None, VirtualPath::new("/report.typ"));
        let date = report.date;
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            template: Source::new(template, TEMPLATE.to_owned()),
            files,
            today: Datetime::from_ymd_hms(date.year, date.month, date.day, 0, 0, 0),
        })
    }
}

fn bytes(file: &[u8]) -> Bytes {
    Bytes::new(file.to_vec())
}

impl World for Pages {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            return Ok(self.template.clone());
        }
        Err(FileError::NotFound(id.vpath().as_rootless_path().into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.vpath().as_rooted_path();
        let name = path.to_string_lossy().replace('\\', "/");
        self.files.get(&name).cloned().ok_or_else(|| FileError::NotFound(path.into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<i64>) -> Option<Datetime> {
        self.today
    }
}

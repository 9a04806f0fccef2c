//! Labels as COCO's JSON (cocodataset.org/#format-data).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::detect::Polarity;

use super::error::sane;
use super::{Error, Label, LabelledFrame, Reach, Role};

#[derive(Deserialize)]
struct Dataset {
    images: Vec<Image>,
    annotations: Vec<Annotation>,
    #[serde(default)]
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    id: Id,
    file_name: String,
}

#[derive(Deserialize)]
struct Category {
    id: Id,
    name: String,
}

/// `polarity`, `delta_k` and `role` are no fields of COCO; whoever knows them may add them.
#[derive(Deserialize)]
struct Annotation {
    image_id: Id,
    category_id: Option<Id>,
    bbox: [f64; 4],
    #[serde(default)]
    iscrowd: u8,
    #[serde(default)]
    ignore: u8,
    polarity: Option<Polarity>,
    delta_k: Option<f64>,
    role: Option<String>,
}

/// COCO's ids are whole numbers; some programs write words.
type Id = serde_json::Value;

/// Reads labels. A box is `[left, top, width, height]` in pixels, counted, as here, from the outer
/// corner of the first pixel. `iscrowd` and `ignore` make a label one to be ignored, as
/// evaluations of COCO do.
///
/// # Errors
/// [`Error`] for what is no such file, for a box without area and for a label of no image.
pub fn read_coco(name: &str, bytes: &[u8]) -> Result<Vec<LabelledFrame>, Error> {
    let fault = |what: String| Error::file(name, what);
    let dataset: Dataset = serde_json::from_slice(bytes)
        .map_err(|error| fault(format!("not COCO's `images` and `annotations`: {error}")))?;
    let mut number = BTreeMap::new();
    let mut frames = Vec::with_capacity(dataset.images.len());
    for image in dataset.images {
        if number.insert(image.id.to_string(), frames.len()).is_some() {
            return Err(fault(format!("two images have the id {}", image.id)));
        }
        frames.push(LabelledFrame { file: image.file_name, labels: Vec::new() });
    }
    let classes: BTreeMap<String, String> =
        dataset.categories.into_iter().map(|one| (one.id.to_string(), one.name)).collect();
    for (at, annotation) in dataset.annotations.iter().enumerate() {
        let which = |what: String| fault(format!("annotation {}: {what}", at + 1));
        let frame = number.get(&annotation.image_id.to_string());
        let frame = frame.and_then(|&at| frames.get_mut(at)).ok_or_else(|| {
            which(format!("there is no image with the id {}", annotation.image_id))
        })?;
        frame.labels.push(label(annotation, &classes).map_err(which)?);
    }
    Ok(frames)
}

fn label(annotation: &Annotation, classes: &BTreeMap<String, String>) -> Result<Label, String> {
    let [left, top, width, height] = annotation.bbox;
    for value in annotation.bbox {
        sane(value, "bbox")?;
    }
    if width <= 0.0 || height <= 0.0 {
        return Err(format!("a box of {width} by {height} pixels"));
    }
    let role = match annotation.role.as_deref() {
        _ if annotation.iscrowd != 0 || annotation.ignore != 0 => Role::Ignore,
        None => Role::Target,
        Some(told) => Role::named(told)
            .ok_or_else(|| format!("role `{told}` is not target, distractor or ignore"))?,
    };
    let half = [width / 2.0, height / 2.0];
    let id = annotation.category_id.as_ref().map(ToString::to_string);
    Ok(Label {
        name: None,
        polarity: annotation.polarity,
        x: left + half[0],
        y: top + half[1],
        reach: Reach::Box(half),
        delta_k: annotation.delta_k.map(|value| sane(value, "delta_k")).transpose()?,
        sigma_px: None,
        class: id.map_or_else(String::new, |id| classes.get(&id).cloned().unwrap_or(id)),
        role,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_classes_and_crowds_are_read() {
        let text = r#"{"info": {}, "images": [{"id": 7, "file_name": "a/b.jpg", "width": 640,
            "height": 512}, {"id": 8, "file_name": "c.jpg"}], "annotations": [
            {"id": 1, "image_id": 7, "category_id": 2, "bbox": [10, 20, 4, 6], "area": 24},
            {"id": 2, "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1], "iscrowd": 1},
            {"id": 3, "image_id": 7, "bbox": [0, 0, 1, 1], "role": "distractor",
             "polarity": "cold", "delta_k": -2}],
            "categories": [{"id": 2, "name": "hot joint", "supercategory": "x"}]}"#;
        let frames = read_coco("l.json", text.as_bytes()).unwrap();
        assert_eq!((frames.len(), frames[1].labels.len()), (2, 0));
        let [joint, crowd, cold] = &frames[0].labels[..] else { panic!("not three") };
        assert_eq!((joint.x, joint.y, joint.reach), (12.0, 23.0, Reach::Box([2.0, 3.0])));
        assert_eq!((joint.class.as_str(), joint.role), ("hot joint", Role::Target));
        assert_eq!((crowd.class.as_str(), crowd.role), ("3", Role::Ignore));
        assert_eq!((cold.polarity, cold.role), (Some(Polarity::Cold), Role::Distractor));
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        let with = |annotation: &str| {
            format!(
                r#"{{"images": [{{"id": 1, "file_name": "a"}}], "annotations": [{annotation}]}}"#
            )
        };
        for (text, told) in [
            ("[]".to_owned(), "not COCO's"),
            (with(r#"{"image_id": 2, "bbox": [0, 0, 1, 1]}"#), "annotation 1: there is no image"),
            (with(r#"{"image_id": 1, "bbox": [0, 0, 0, 1]}"#), "annotation 1: a box of 0 by 1"),
            (with(r#"{"image_id": 1, "bbox": [0, 0, 1e9, 1]}"#), "bbox 1000000000"),
            (with(r#"{"image_id": 1, "bbox": [0, 0, 1, 1], "role": "x"}"#), "role `x`"),
            (
                r#"{"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}],
                "annotations": []}"#
                    .to_owned(),
                "two images have the id 1",
            ),
        ] {
            let error = read_coco("l.json", text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("l.json: ") && error.contains(told), "{error}");
        }
    }
}

//! What most replies lack: refusals, sources, media, probabilities and opaque data.

use agno_core::{Citation, Media, MediaKind, MediaSource, RichContent};
use serde_json::Value;
use serde_json::value::RawValue;

use super::dialect::Dialect;
use super::provider_data::ReplyDataBuilder;
use super::wire::{Annotation, Audio, Image, Source};

/// What most replies lack.
#[derive(Debug, Default)]
pub(super) struct Extras {
    pub(super) refusal: String,
    pub(super) data: ReplyDataBuilder,
    citations: Vec<Citation>,
    annotations: Vec<Citation>,
    media: Vec<Media>,
    audio_data: String,
    pub(super) logprobs: Vec<Value>,
}

impl Extras {
    /// Takes spoken output, except what is said.
    pub(super) fn audio(&mut self, audio: Audio) {
        if audio.id.is_some() {
            self.data.audio_id = audio.id;
        }
        if let Some(data) = audio.data {
            self.audio_data.push_str(&data);
        }
    }

    pub(super) fn image(&mut self, image: Image) {
        let Some(url) = image.image_url.and_then(|address| address.url) else {
            return;
        };
        let inline = url
            .strip_prefix("data:")
            .and_then(|rest| rest.split_once(";base64,"));
        let media = match inline {
            Some((mime_type, data)) => Media::base64(MediaKind::Image, mime_type, data),
            None => Media::url(MediaKind::Image, url),
        };
        self.media.push(media);
    }

    pub(super) fn annotation(&mut self, annotation: Annotation) {
        if let Some(citation) = annotation.url_citation.and_then(citation) {
            self.annotations.push(citation);
        }
    }

    /// Takes lists of sources, which some servers repeat in every chunk.
    pub(super) fn sources(&mut self, citations: Option<&RawValue>, results: Option<&RawValue>) {
        if !self.citations.is_empty() {
            return;
        }
        // The second list has titles but may lack what the first one has.
        let results: Vec<Source> = results
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        let urls: Vec<String> = citations
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default();
        if urls.is_empty() {
            self.citations
                .extend(results.into_iter().filter_map(citation));
            return;
        }
        for url in urls {
            let title = results
                .iter()
                .find(|result| result.url.as_deref() == Some(&url))
                .and_then(|result| result.title.as_deref());
            self.citations.push(Citation {
                title: title.map(Into::into),
                url: url.into(),
            });
        }
    }

    /// The rarer parts of a message with this reasoning, if it has any.
    pub(super) fn build(
        mut self,
        reasoning: String,
        dialect: &Dialect,
    ) -> Option<Box<RichContent>> {
        if !self.audio_data.is_empty() {
            // Its format is what the request asked for; the answer does not repeat it.
            let source = MediaSource::Base64(self.audio_data.into());
            self.media.push(Media::new(MediaKind::Audio, source));
        }
        self.citations.append(&mut self.annotations);
        let rich = RichContent {
            media: self.media,
            reasoning: (!reasoning.is_empty()).then(|| reasoning.into()),
            refusal: (!self.refusal.is_empty()).then(|| self.refusal.into()),
            citations: self.citations,
            provider: self.data.build(dialect.name),
        };
        (rich != RichContent::default()).then(|| Box::new(rich))
    }
}

fn citation(source: Source) -> Option<Citation> {
    Some(Citation {
        url: source.url?.into(),
        title: source.title.map(Into::into),
    })
}

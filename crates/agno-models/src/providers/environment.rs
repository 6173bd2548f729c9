//! Base URLs, completed from the environment.

use agno_core::ResolveError;

use super::Provider;

impl Provider {
    /// Where the API is: as a variable says, or where it usually is.
    ///
    /// # Errors
    /// If there is no usual place, or a variable that it is made of is not set.
    pub(crate) fn base_url_from_environment(&self, model: &str) -> Result<String, ResolveError> {
        let lookup = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(url) = self.base_url_variables.iter().find_map(|name| lookup(name)) {
            return Ok(url);
        }
        if self.base_url.is_empty() {
            return Err(ResolveError::new(match self.base_url_variables.first() {
                Some(variable) => format!(
                    "`{}` needs a base URL: call `.base_url(…)` or set {variable}",
                    self.id
                ),
                None => format!("`{}` needs a base URL: call `.base_url(…)`", self.id),
            }));
        }
        self.expand(model, lookup)
    }

    fn expand(
        &self,
        model: &str,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<String, ResolveError> {
        let mut url = String::with_capacity(self.base_url.len());
        let mut rest = self.base_url;
        while let Some((before, after)) = rest.split_once('{') {
            url.push_str(before);
            let (placeholder, after) = after.split_once('}').unwrap_or((after, ""));
            rest = after;
            if placeholder == "model" {
                url.push_str(model);
                continue;
            }
            let (name, default) = match placeholder.split_once('=') {
                Some((name, default)) => (name, Some(default)),
                None => (placeholder, None),
            };
            match (lookup(name), default) {
                (Some(value), _) => url.push_str(value.trim_end_matches('/')),
                (None, Some(default)) => url.push_str(default),
                (None, None) => {
                    return Err(ResolveError::new(format!(
                        "`{}` needs to know its address: set {name} or call `.base_url(…)`",
                        self.id
                    )));
                }
            }
        }
        url.push_str(rest);
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use crate::providers::find;

    #[test]
    fn placeholders_are_filled_in() {
        let azure = find("azure-openai").unwrap();
        let known = |name: &str| (name == "AZURE_OPENAI_ENDPOINT").then(|| "https://x/".to_owned());
        assert_eq!(
            azure.expand("gpt", known).unwrap(),
            "https://x/openai/deployments/gpt"
        );
        let error = azure.expand("gpt", |_| None).unwrap_err().to_string();
        assert!(error.contains("AZURE_OPENAI_ENDPOINT"), "{error}");
    }
}

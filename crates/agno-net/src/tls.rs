//! TLS settings, made when the first `https` request needs them.
//!
//! Reading and parsing the system's roots takes milliseconds and hundreds of kilobytes; programs
//! that only talk plain HTTP never pay for it.

use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore};

use crate::NetError;

/// The settings for HTTP/1.1 connections of model streams.
pub(crate) fn http1_config() -> Result<Arc<ClientConfig>, NetError> {
    static CONFIG: OnceLock<Result<Arc<ClientConfig>, NetError>> = OnceLock::new();
    CONFIG
        .get_or_init(|| {
            let mut config = client_config()?;
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Ok(Arc::new(config))
        })
        .clone()
}

/// Settings without a protocol list: with ring, the system's roots and no client certificate.
pub(crate) fn client_config() -> Result<ClientConfig, NetError> {
    config_with(roots()?)
}

/// Settings that trust nobody, for clients that only do plain HTTP.
pub(crate) fn config_without_roots() -> Result<ClientConfig, NetError> {
    config_with(Arc::new(RootCertStore::empty()))
}

fn config_with(roots: Arc<RootCertStore>) -> Result<ClientConfig, NetError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| NetError::Tls(error.to_string().into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn roots() -> Result<Arc<RootCertStore>, NetError> {
    static ROOTS: OnceLock<Result<Arc<RootCertStore>, NetError>> = OnceLock::new();
    ROOTS.get_or_init(load_roots).clone()
}

fn load_roots() -> Result<Arc<RootCertStore>, NetError> {
    let loaded = rustls_native_certs::load_native_certs();
    for error in &loaded.errors {
        tracing::warn!(%error, "a root certificate of the system can't be read");
    }
    let mut roots = RootCertStore::empty();
    let (added, ignored) = roots.add_parsable_certificates(loaded.certs);
    if ignored > 0 {
        tracing::debug!(
            ignored,
            "root certificates that can't be parsed are left out"
        );
    }
    if added == 0 {
        return Err(NetError::Tls(
            "no root certificates found: install the system's CA certificates or point \
             SSL_CERT_FILE at a bundle"
                .into(),
        ));
    }
    Ok(Arc::new(roots))
}

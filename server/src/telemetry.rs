//! Logs on standard error; traces to an OpenTelemetry collector where one is named.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogConfig, LogFormat};

/// What must be told that the program ends.
#[must_use]
pub(crate) struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Sends what has not been sent yet.
    pub(crate) fn stop(self) {
        if let Some(provider) = self.provider
            && let Err(error) = provider.shutdown()
        {
            tracing::debug!(%error, "the last traces were not sent");
        }
    }
}

/// Begins to log and trace.
pub(crate) fn start(config: &LogConfig) -> anyhow::Result<Telemetry> {
    let provider = config.otlp_endpoint.as_ref().map(provider).transpose()?;
    let traces =
        provider.as_ref().map(|provider| tracing_opentelemetry::layer().with_tracer(provider.tracer("pginstall")));
    let messages = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let messages = match config.format {
        LogFormat::Json => messages.json().flatten_event(true).boxed(),
        LogFormat::Text => messages.with_target(false).with_ansi(std::io::stderr().is_terminal()).boxed(),
    };
    tracing_subscriber::registry().with(EnvFilter::try_new(&config.filter)?).with(messages).with(traces).init();
    Ok(Telemetry { provider })
}

fn provider(endpoint: &url::Url) -> anyhow::Result<SdkTracerProvider> {
    let address = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(address)
        .build()
        .context("the exporter of traces cannot be set up")?;
    let resource = Resource::builder().with_service_name("pginstall").build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

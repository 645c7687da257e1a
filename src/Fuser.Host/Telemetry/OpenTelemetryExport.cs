using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Host.Security;
using Fuser.Kernels;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Fuser.Host.Telemetry;

/// <summary>Sends traces and metrics to a collector, when the settings name one.</summary>
internal static class OpenTelemetryExport
{
    /// <summary>Sources of the spans of one request: web server, node, runtime, actors.</summary>
    private static readonly string[] Sources = ["Microsoft.AspNetCore", NodeTelemetry.Name, "Fuser", "fuser.actors"];

    private static readonly string[] Meters = ["fuser.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    /// <exception cref="HostException">The file with headers cannot be read.</exception>
    public static void Add(IServiceCollection services, HostOptions options)
    {
        var otlp = options.Telemetry.Otlp;
        if (otlp.Endpoint is not { } endpoint || !(otlp.Traces || otlp.Metrics))
        {
            return;
        }

        var headers = otlp.HeadersFile is { } file ? Headers(SecretFile.Read(file, "the headers of the collector"), file) : null;
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService("fuser", serviceVersion: FuserNode.Version, serviceInstanceId: options.Node.Name, autoGenerateServiceInstanceId: false));
        if (otlp.Traces)
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource(Sources)
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(otlp.SamplingRatio)))
                .AddOtlpExporter(exporter => Configure(exporter, "v1/traces")));
        }

        if (otlp.Metrics)
        {
            telemetry.WithMetrics(metrics => metrics
                .AddMeter(Meters)
                .AddOtlpExporter((exporter, reader) =>
                {
                    Configure(exporter, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)otlp.MetricInterval.TotalMilliseconds;
                }));
        }

        void Configure(OtlpExporterOptions exporter, string path)
        {
            // An endpoint that is set in code is taken as it is; the path of the signal is for us to append.
            var isHttp = otlp.Protocol == OtlpTransport.HttpProtobuf;
            exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
            exporter.Endpoint = isHttp ? new Uri(new Uri(endpoint.TrimEnd('/') + "/"), path) : new Uri(endpoint);
            exporter.Headers = headers;
        }
    }

    /// <summary>One header per line becomes a list with commas.</summary>
    private static string Headers(string text, string file)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var wrong = Array.FindIndex(lines, line => line.IndexOf('=') < 1 || line.Contains(','));
        return wrong < 0
            ? string.Join(',', lines)
            : throw new HostException(ErrorCodes.ConfigurationValue, $"'{file}': header {wrong + 1} is not of the form name=value without commas. Write one header per line.");
    }
}

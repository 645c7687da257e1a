using System.Collections.Immutable;
using Fuser.Actors;
using Fuser.Host.Cluster.Wire;
using Fuser.Host.Configuration;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;
using Google.Protobuf;

namespace Fuser.Host.Cluster;

/// <summary>Messages to and from the product's own types. What comes from outside is bounded before memory is taken for it.</summary>
internal static class WireFormat
{
    /// <summary>The version written, and the only one read.</summary>
    public const uint Version = 1;

    /// <summary>A message beyond this is not looked at.</summary>
    public const int MostMessageBytes = 128 << 20;

    private const int MostRank = 64;
    private const int MostInputs = 4096;

    /// <summary>Reads a message.</summary>
    /// <exception cref="HostException">It is malformed or too large.</exception>
    public static T Parse<T>(MessageParser<T> parser, ReadOnlyMemory<byte> body)
        where T : IMessage<T>
    {
        if (body.Length > MostMessageBytes)
        {
            throw Malformed($"it has {body.Length} bytes, at most {MostMessageBytes} are read");
        }

        try
        {
            return parser.ParseFrom(body.Span);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw Malformed($"it is no {typeof(T).Name}: {error.Message}", error);
        }
    }

    /// <exception cref="HostException">It is of another version.</exception>
    public static void RequireVersion(uint version)
    {
        if (version != Version)
        {
            throw Malformed($"it has version {version}, this product reads version {Version}; use the same product on all nodes and callers");
        }
    }

    /// <exception cref="HostException">It is none.</exception>
    public static Guid Id(ByteString bytes) => bytes.Length == 16 ? new Guid(bytes.Span) : throw Malformed($"an id has 16 bytes, got {bytes.Length}");

    public static ByteString Bytes(Guid id) => ByteString.CopyFrom(id.ToByteArray());

    /// <summary>A value; tensors without elements.</summary>
    public static Value Describe(FuserValue value) => value.Kind switch
    {
        FuserValueKind.Array => new Value { Tensor = Describe(value.Array) },
        FuserValueKind.Integer => new Value { Integer = value.Integer },
        FuserValueKind.Float => new Value { Number = value.Float },
        FuserValueKind.Boolean => new Value { Truth = value.Integer != 0 },
        _ => throw new InputException(ErrorCodes.InputKind, "an input is nothing: a default value. Give an array or a number for each input of the graph."),
    };

    public static Tensor Describe(NdArray array)
    {
        var tensor = new Tensor { Type = (ElementType)((int)array.DType + 1) };
        tensor.Shape.AddRange(array.Shape);
        return tensor;
    }

    /// <summary>Type and shape of a tensor, and its size in bytes.</summary>
    /// <exception cref="HostException">They make no array.</exception>
    public static (DType DType, ImmutableArray<long> Shape, long Bytes) Read(Tensor tensor)
    {
        var dtype = (DType)((int)tensor.Type - 1);
        if (tensor.Type == ElementType.Unknown || !Enum.IsDefined(dtype))
        {
            throw Malformed($"a tensor has the element type {(int)tensor.Type}, which is not known");
        }

        if (tensor.Shape.Count > MostRank)
        {
            throw Malformed($"a tensor has {tensor.Shape.Count} axes, at most {MostRank} are read");
        }

        long bytes = dtype.ItemSize();
        foreach (var size in tensor.Shape)
        {
            if (size < 0 || (bytes > 0 && size > long.MaxValue / bytes))
            {
                throw Malformed($"a tensor has the shape [{string.Join(", ", tensor.Shape)}], which no array has");
            }

            bytes *= size;
        }

        return (dtype, [.. tensor.Shape], bytes);
    }

    /// <exception cref="HostException">There are more than any graph takes.</exception>
    public static void RequireFew(IReadOnlyCollection<Value> inputs)
    {
        if (inputs.Count > MostInputs)
        {
            throw Malformed($"it has {inputs.Count} inputs, at most {MostInputs} are read");
        }
    }

    public static RunSettings Describe(RunOptions options) => new()
    {
        Device = options.Device ?? "",
        Unfused = options.Unfused,
        Threads = options.Threads ?? 0,
        AllowInexact = options.AllowInexact,
        Seed = options.Seed ?? 0,
    };

    public static RunOptions Read(RunSettings? settings) => settings is null ? RunOptions.Default : new RunOptions
    {
        Device = settings.Device.Length == 0 ? null : settings.Device,
        Unfused = settings.Unfused,
        Threads = settings.Threads > 0 ? settings.Threads : null,
        AllowInexact = settings.AllowInexact,
        Seed = settings.Seed,
    };

    /// <summary>How a run went, without its outputs.</summary>
    public static RunResult Describe(RunReport report)
    {
        var result = new RunResult { RunTicks = report.RunTime.Ticks };
        result.Kernels.AddRange(report.Kernels.Select(kernel => new Kernel
        {
            Group = kernel.Group,
            Operations = kernel.Operations,
            Key = kernel.Key,
            Target = kernel.Target,
            CompileTicks = kernel.CompileTime.Ticks,
            Cached = kernel.Cached,
            WhyOnHost = kernel.WhyOnHost ?? "",
        }));
        result.Steps.AddRange(report.Steps);
        result.Fallbacks.AddRange(report.Fallbacks.Select(fallback => new Wire.Fallback { Where = fallback.Where, Reason = fallback.Reason }));
        return result;
    }

    public static RunReport Read(RunResult result, ImmutableArray<NdArray> outputs) => new(
        outputs,
        [.. result.Kernels.Select(kernel => new KernelReport(kernel.Group, kernel.Operations, kernel.Key, kernel.Target, new TimeSpan(kernel.CompileTicks), kernel.Cached) { WhyOnHost = kernel.WhyOnHost.Length == 0 ? null : kernel.WhyOnHost })],
        [.. result.Steps],
        [.. result.Fallbacks.Select(fallback => new FallbackReport(fallback.Where, fallback.Reason))],
        new TimeSpan(result.RunTicks));

    /// <summary>An error for its caller. What may be about the inside of the node stays there.</summary>
    public static RunError Describe(Exception error)
    {
        var (code, message) = error switch
        {
            FuserException known => (known.Code, known.Message),
            OutOfMemoryException => (ErrorCodes.SizeLimit, "the node's memory does not hold the arrays of this request now. Come again later, or send smaller ones."),
            _ => (ErrorCodes.Internal, "this is a bug in the node; its log has the details under the request's id."),
        };
        return new RunError
        {
            Code = code,
            Message = message,
            Kind = error switch
            {
                GraphException => ErrorKind.Graph,
                InputException => ErrorKind.Input,
                CompileException => ErrorKind.Compile,
                LaunchException => ErrorKind.Launch,
                HostException => ErrorKind.Host,
                _ => ErrorKind.Internal,
            },
        };
    }

    /// <summary>The same error here, of the type it had there.</summary>
    public static FuserException Read(RunError error, string node)
    {
        var code = error.Code.Length == 0 ? ErrorCodes.Internal : error.Code;
        return error.Kind switch
        {
            ErrorKind.Graph => new GraphException(code, error.Message),
            ErrorKind.Input => new InputException(code, error.Message),
            ErrorKind.Compile => new CompileException(code, error.Message),
            ErrorKind.Launch => new LaunchException(code, error.Message),
            ErrorKind.Internal => new InternalFuserException(code, $"node {node}: {error.Message}"),
            _ => new HostException(code, $"node {node}: {error.Message}"),
        };
    }

    public static HostException Malformed(string detail, Exception? cause = null) => new(ErrorCodes.ClusterMessage, $"a message of the cluster was refused: {detail}.", cause);
}

using System.Collections.Immutable;
using System.Text;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.OpenCl;

namespace Fuser.Kernels.Devices.OpenCl;

/// <summary>A context of one device.</summary>
internal sealed unsafe class OpenClSession : DeviceSession
{
    /// <summary>Some drivers copy host memory that does not start at a page, and say nothing.</summary>
    private const int PageSize = 4096;
    private const int CacheLine = 64;
    private const int MostLog = 64 << 10;
    private const int LargestBinary = 64 << 20;

    private readonly OpenClAccelerator _accelerator;
    private readonly IOpenClApi _api;
    private readonly nint _device;
    private readonly nint _context;
    private readonly string _options;
    private readonly BinaryStore _store;
    private readonly BufferPool _pool;

    public OpenClSession(OpenClAccelerator accelerator, IOpenClApi api, nint device, bool roundsDivision, BinaryStore store)
    {
        _accelerator = accelerator;
        _api = api;
        _device = device;
        _store = store;
        _options = "-cl-std=CL1.2" + (roundsDivision ? " -cl-fp32-correctly-rounded-divide-sqrt" : "");
        _pool = new BufferPool(handle => _api.ReleaseMemObject(handle), accelerator.Limits.MemoryBytes);
        int error;
        _context = api.CreateContext(device, &error);
        OpenClCodes.Check(error, accelerator.Name, "clCreateContext");
    }

    public override DeviceLimits Limits => _accelerator.Limits;

    public override nint TryAllocate(long bytes)
    {
        var size = BufferPool.SizeOf(bytes, Limits.LargestBuffer);
        if (_pool.Take(size) is var pooled and not 0)
        {
            return pooled;
        }

        int error;
        var buffer = _api.CreateBuffer(_context, OpenClCodes.MemoryReadWrite, (nuint)size, null, &error);
        if (OpenClCodes.IsNoMemory(error))
        {
            return 0;
        }

        OpenClCodes.Check(error, _accelerator.Name, $"clCreateBuffer of {size} bytes");
        _pool.Register(buffer, size);
        return buffer;
    }

    public override void Free(nint buffer)
    {
        if (!_pool.Return(buffer))
        {
            _api.ReleaseMemObject(buffer); // wrapped memory is the caller's
        }
    }

    public override void Trim() => _pool.Clear();

    /// <summary>
    /// One element at a time may lie wherever its size allows, which arrays do; for wide accesses, and for drivers of devices that share the host's memory,
    /// it has to be whole pages and cache lines.
    /// </summary>
    public override nint TryWrap(byte* host, long bytes, int itemSize)
    {
        var fits = !_accelerator.UsesVectors ? (nint)host % itemSize == 0 : (nint)host % PageSize == 0 && bytes % CacheLine == 0;
        if (!Limits.SharesMemory || !fits || bytes == 0 || bytes > Limits.LargestBuffer)
        {
            return 0;
        }

        int error;
        var buffer = _api.CreateBuffer(_context, OpenClCodes.MemoryReadWrite | OpenClCodes.MemoryUseHost, (nuint)bytes, host, &error);
        return error == OpenClCodes.Success ? buffer : 0;
    }

    public override LoadedCode Load(DeviceCode code)
    {
        string[] key = ["opencl", code.Text, _options, Limits.Identity];
        if (_store.Read(key) is { } known && TryLoadBinary(known, code) is { } ready)
        {
            return ready;
        }

        var program = Build(code.Text, $"kernel {code.Entry}");
        try
        {
            var bytes = code.Text.Length;
            if (_store.Keeps && BinaryOf(program) is { } binary)
            {
                bytes = binary.Length;
                _store.Write(binary, key);
            }

            return CreateKernel(program, code, bytes);
        }
        catch
        {
            _api.ReleaseProgram(program);
            throw;
        }
    }

    /// <summary>One program: most of what a small kernel takes to compile is its program's.</summary>
    public override ImmutableArray<LoadedCode> LoadOnce(ImmutableArray<DeviceCode> codes)
    {
        var program = Build(OpenClHelpers.Join(codes.Select(code => code.Text)), $"the program of {codes.Length} kernels");
        var loaded = ImmutableArray.CreateBuilder<LoadedCode>(codes.Length);
        try
        {
            foreach (var code in codes)
            {
                loaded.Add(CreateKernel(0, program, code, code.Text.Length));
            }

            return loaded.MoveToImmutable();
        }
        catch
        {
            foreach (var code in loaded)
            {
                code.Dispose();
            }

            throw;
        }
        finally
        {
            _api.ReleaseProgram(program); // it goes with the last of its kernels
        }
    }

    public override DeviceQueue CreateQueue()
    {
        int error;
        var queue = _api.CreateCommandQueue(_context, _device, &error);
        OpenClCodes.Check(error, _accelerator.Name, "clCreateCommandQueue");
        return new OpenClQueue(_accelerator, _api, queue);
    }

    /// <summary>What else belongs to the context keeps it alive until it goes itself, so a run under way ends in order.</summary>
    public override void Dispose()
    {
        _pool.Close();
        _api.ReleaseContext(_context);
    }

    private nint Build(string text, string what)
    {
        int error;
        nint program;
        var bytes = Encoding.ASCII.GetBytes(text);
        fixed (byte* first = bytes)
        {
            program = _api.CreateProgramWithSource(_context, first, (nuint)bytes.Length, &error);
        }

        OpenClCodes.Check(error, _accelerator.Name, "clCreateProgramWithSource");
        var status = BuildProgram(program);
        if (status == OpenClCodes.Success)
        {
            return program;
        }

        var log = LogOf(program);
        _api.ReleaseProgram(program);
        if (OpenClCodes.IsLost(status))
        {
            throw OpenClCodes.Failure(status, _accelerator.Name, "clBuildProgram");
        }

        throw new CompileException(ErrorCodes.CompileFailed, $"device {_accelerator.Name}: the driver refused {what} with {OpenClCodes.Name(status)} ({status}); its log:\n{log}");
    }

    private OpenClCode? TryLoadBinary(byte[] binary, DeviceCode code)
    {
        int error;
        nint program;
        fixed (byte* first = binary)
        {
            program = _api.CreateProgramWithBinary(_context, _device, first, (nuint)binary.Length, &error);
        }

        if (error != OpenClCodes.Success)
        {
            return null;
        }

        if (BuildProgram(program) != OpenClCodes.Success)
        {
            _api.ReleaseProgram(program);
            return null;
        }

        try
        {
            return CreateKernel(program, code, binary.Length);
        }
        catch (LaunchException)
        {
            _api.ReleaseProgram(program);
            return null; // an image that has no such kernel is as good as none: the text is compiled
        }
    }

    private int BuildProgram(nint program)
    {
        fixed (byte* options = Encoding.ASCII.GetBytes(_options + '\0'))
        {
            return _api.BuildProgram(program, _device, options);
        }
    }

    private OpenClCode CreateKernel(nint program, DeviceCode code, long bytes) => CreateKernel(program, program, code, bytes);

    /// <param name="owned">The program, if it goes with the kernel; else 0.</param>
    private OpenClCode CreateKernel(nint owned, nint program, DeviceCode code, long bytes)
    {
        int error;
        nint kernel;
        fixed (byte* name = Encoding.ASCII.GetBytes(code.Entry + '\0'))
        {
            kernel = _api.CreateKernel(program, name, &error);
        }

        OpenClCodes.Check(error, _accelerator.Name, $"clCreateKernel({code.Entry})");
        return new OpenClCode(_api, owned, kernel, bytes);
    }

    /// <summary>The program as the driver keeps it; null where it does not say.</summary>
    private byte[]? BinaryOf(nint program)
    {
        nuint size = 0;
        if (_api.GetProgramInfo(program, OpenClCodes.ProgramBinarySizes, (nuint)sizeof(nuint), &size, null) != OpenClCodes.Success || size is 0 or > LargestBinary)
        {
            return null;
        }

        var binary = new byte[(int)size];
        fixed (byte* first = binary)
        {
            var pointer = first;
            return _api.GetProgramInfo(program, OpenClCodes.ProgramBinaries, (nuint)sizeof(nint), &pointer, null) == OpenClCodes.Success ? binary : null;
        }
    }

    private string LogOf(nint program)
    {
        nuint size = 0;
        _api.GetProgramBuildInfo(program, _device, OpenClCodes.BuildLog, 0, null, &size);
        if (size == 0)
        {
            return "(empty)";
        }

        var log = new byte[size];
        fixed (byte* first = log)
        {
            _api.GetProgramBuildInfo(program, _device, OpenClCodes.BuildLog, size, first, null);
        }

        return Encoding.UTF8.GetString(log, 0, (int)Math.Min(size, MostLog)).TrimEnd('\0', '\n');
    }
}

/// <summary>A kernel, and the program that it is all of; 0 where others are in it.</summary>
internal sealed class OpenClCode(IOpenClApi api, nint program, nint kernel, long bytes) : LoadedCode
{
    /// <summary>Held while arguments are set and the kernel is enqueued: they are the kernel object's, whoever sets them.</summary>
    public Lock Gate { get; } = new();

    public nint Kernel => kernel;

    public override long Bytes => bytes;

    public override void Dispose()
    {
        api.ReleaseKernel(kernel);
        if (program != 0)
        {
            api.ReleaseProgram(program);
        }
    }
}

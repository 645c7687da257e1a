using System.Runtime.InteropServices;
using Fuser.Kernels.Devices.Accelerators;

namespace Fuser.Kernels.Devices.OpenCl;

/// <summary>The functions in the driver's own library.</summary>
internal sealed unsafe partial class OpenClNative : IOpenClApi
{
    private const string Library = NativeDriver.OpenCl;

    public int GetPlatformIDs(uint entries, nint* platforms, uint* count) => clGetPlatformIDs(entries, platforms, count);

    public int GetPlatformInfo(nint platform, uint name, nuint size, void* value, nuint* actual) => clGetPlatformInfo(platform, name, size, value, actual);

    public int GetDeviceIDs(nint platform, ulong type, uint entries, nint* devices, uint* count) => clGetDeviceIDs(platform, type, entries, devices, count);

    public int GetDeviceInfo(nint device, uint name, nuint size, void* value, nuint* actual) => clGetDeviceInfo(device, name, size, value, actual);

    public nint CreateContext(nint device, int* error) => clCreateContext(null, 1, &device, null, null, error);

    public int ReleaseContext(nint context) => clReleaseContext(context);

    public nint CreateCommandQueue(nint context, nint device, int* error) => clCreateCommandQueue(context, device, 0, error);

    public int ReleaseCommandQueue(nint queue) => clReleaseCommandQueue(queue);

    public nint CreateBuffer(nint context, ulong flags, nuint size, void* host, int* error) => clCreateBuffer(context, flags, size, host, error);

    public int ReleaseMemObject(nint memory) => clReleaseMemObject(memory);

    public nint CreateProgramWithSource(nint context, byte* text, nuint length, int* error) => clCreateProgramWithSource(context, 1, &text, &length, error);

    public nint CreateProgramWithBinary(nint context, nint device, byte* binary, nuint length, int* error)
    {
        int status;
        return clCreateProgramWithBinary(context, 1, &device, &length, &binary, &status, error);
    }

    public int BuildProgram(nint program, nint device, byte* options) => clBuildProgram(program, 1, &device, options, null, null);

    public int GetProgramInfo(nint program, uint name, nuint size, void* value, nuint* actual) => clGetProgramInfo(program, name, size, value, actual);

    public int GetProgramBuildInfo(nint program, nint device, uint name, nuint size, void* value, nuint* actual) => clGetProgramBuildInfo(program, device, name, size, value, actual);

    public int ReleaseProgram(nint program) => clReleaseProgram(program);

    public nint CreateKernel(nint program, byte* name, int* error) => clCreateKernel(program, name, error);

    public int ReleaseKernel(nint kernel) => clReleaseKernel(kernel);

    public int SetKernelArg(nint kernel, uint index, nuint size, void* value) => clSetKernelArg(kernel, index, size, value);

    public int EnqueueKernel(nint queue, nint kernel, nuint globalSize, nuint localSize) =>
        clEnqueueNDRangeKernel(queue, kernel, 1, null, &globalSize, &localSize, 0, null, null);

    public int EnqueueReadBuffer(nint queue, nint buffer, nuint offset, nuint size, void* destination) =>
        clEnqueueReadBuffer(queue, buffer, 0, offset, size, destination, 0, null, null);

    public int EnqueueWriteBuffer(nint queue, nint buffer, nuint offset, nuint size, void* source) =>
        clEnqueueWriteBuffer(queue, buffer, 0, offset, size, source, 0, null, null);

    public int EnqueueCopyBuffer(nint queue, nint source, nint destination, nuint size) => clEnqueueCopyBuffer(queue, source, destination, 0, 0, size, 0, null, null);

    public void* EnqueueMapBuffer(nint queue, nint buffer, ulong flags, nuint size, int* error) =>
        clEnqueueMapBuffer(queue, buffer, 1, flags, 0, size, 0, null, null, error);

    public int EnqueueUnmapMemObject(nint queue, nint buffer, void* mapped) => clEnqueueUnmapMemObject(queue, buffer, mapped, 0, null, null);

    public int Flush(nint queue) => clFlush(queue);

    public int Finish(nint queue) => clFinish(queue);

    [LibraryImport(Library)]
    private static partial int clGetPlatformIDs(uint entries, nint* platforms, uint* count);

    [LibraryImport(Library)]
    private static partial int clGetPlatformInfo(nint platform, uint name, nuint size, void* value, nuint* actual);

    [LibraryImport(Library)]
    private static partial int clGetDeviceIDs(nint platform, ulong type, uint entries, nint* devices, uint* count);

    [LibraryImport(Library)]
    private static partial int clGetDeviceInfo(nint device, uint name, nuint size, void* value, nuint* actual);

    [LibraryImport(Library)]
    private static partial nint clCreateContext(nint* properties, uint count, nint* devices, void* notify, void* data, int* error);

    [LibraryImport(Library)]
    private static partial int clReleaseContext(nint context);

    [LibraryImport(Library)]
    private static partial nint clCreateCommandQueue(nint context, nint device, ulong properties, int* error);

    [LibraryImport(Library)]
    private static partial int clReleaseCommandQueue(nint queue);

    [LibraryImport(Library)]
    private static partial nint clCreateBuffer(nint context, ulong flags, nuint size, void* host, int* error);

    [LibraryImport(Library)]
    private static partial int clReleaseMemObject(nint memory);

    [LibraryImport(Library)]
    private static partial nint clCreateProgramWithSource(nint context, uint count, byte** texts, nuint* lengths, int* error);

    [LibraryImport(Library)]
    private static partial nint clCreateProgramWithBinary(nint context, uint count, nint* devices, nuint* lengths, byte** binaries, int* status, int* error);

    [LibraryImport(Library)]
    private static partial int clBuildProgram(nint program, uint count, nint* devices, byte* options, void* notify, void* data);

    [LibraryImport(Library)]
    private static partial int clGetProgramInfo(nint program, uint name, nuint size, void* value, nuint* actual);

    [LibraryImport(Library)]
    private static partial int clGetProgramBuildInfo(nint program, nint device, uint name, nuint size, void* value, nuint* actual);

    [LibraryImport(Library)]
    private static partial int clReleaseProgram(nint program);

    [LibraryImport(Library)]
    private static partial nint clCreateKernel(nint program, byte* name, int* error);

    [LibraryImport(Library)]
    private static partial int clReleaseKernel(nint kernel);

    [LibraryImport(Library)]
    private static partial int clSetKernelArg(nint kernel, uint index, nuint size, void* value);

    [LibraryImport(Library)]
    private static partial int clEnqueueNDRangeKernel(nint queue, nint kernel, uint dimensions, nuint* offset, nuint* globalSize, nuint* localSize, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    private static partial int clEnqueueReadBuffer(nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* destination, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    private static partial int clEnqueueWriteBuffer(nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* source, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    private static partial int clEnqueueCopyBuffer(nint queue, nint source, nint destination, nuint sourceOffset, nuint destinationOffset, nuint size, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    private static partial void* clEnqueueMapBuffer(nint queue, nint buffer, uint blocking, ulong flags, nuint offset, nuint size, uint waits, nint* waitList, nint* done, int* error);

    [LibraryImport(Library)]
    private static partial int clEnqueueUnmapMemObject(nint queue, nint buffer, void* mapped, uint waits, nint* waitList, nint* done);

    [LibraryImport(Library)]
    private static partial int clFlush(nint queue);

    [LibraryImport(Library)]
    private static partial int clFinish(nint queue);
}

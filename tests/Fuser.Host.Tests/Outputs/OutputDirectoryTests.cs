using Fuser.Host.Commands;
using Fuser.Host.Npy;
using Fuser.Host.Outputs;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Outputs;

public sealed class OutputDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_new_directory_appears_with_all_outputs_and_nothing_else()
    {
        var directory = Path.Combine(_temporary.Path, "a", "b");
        var files = OutputDirectory.Write(directory, [NdArray.From([1f]), NdArray.From([2L, 3L])]);
        files.ShouldBe([Path.Combine(directory, "out_0.npy"), Path.Combine(directory, "out_1.npy")]);
        Directory.GetFileSystemEntries(directory).Order().ShouldBe(files);
        Directory.GetFileSystemEntries(Path.Combine(_temporary.Path, "a")).ShouldBe([directory]);
        NpyReader.Load(files[1]).ToArray<long>().ShouldBe([2, 3]);
    }

    [Fact]
    public void Outputs_of_an_earlier_run_are_replaced_and_other_files_kept()
    {
        _temporary.Text("notes.txt", "mine");
        OutputDirectory.Write(_temporary.Path, [NdArray.From([1f])]);
        OutputDirectory.Write(_temporary.Path, [NdArray.From([2f])]);
        NpyReader.Load(_temporary.Of("out_0.npy")).ToArray<float>().ShouldBe([2]);
        Directory.GetFileSystemEntries(_temporary.Path).Length.ShouldBe(2);
    }

    [Fact]
    public void When_one_output_cannot_be_written_none_is()
    {
        Directory.CreateDirectory(_temporary.Of("out_1.npy"));
        var error = Should.Throw<CommandException>(() => OutputDirectory.Write(_temporary.Path, [NdArray.From([1f]), NdArray.From([2f])]));
        error.Code.ShouldBe(ErrorCodes.FileUnwritable);
        error.Exit.ShouldBe(1);
        Directory.GetFileSystemEntries(_temporary.Path).ShouldBe([_temporary.Of("out_1.npy")]);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/below")]
    public void A_path_through_a_file_is_refused_before_anything_is_run(string path)
    {
        _temporary.Text("file", "");
        var error = Should.Throw<CommandException>(() => OutputDirectory.Check(_temporary.Of(path)));
        error.Code.ShouldBe(ErrorCodes.FileUnwritable);
        error.Exit.ShouldBe(2);
    }

    [Fact]
    public void A_directory_that_is_not_there_yet_is_fine() => Should.NotThrow(() => OutputDirectory.Check(_temporary.Of("new/and/deep")));
}

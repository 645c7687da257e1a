using Fuser.Host.Npy;
using Fuser.Kernels;

namespace Fuser.Host.Tests.Npy;

/// <summary>Files that lie. Each must end in a typed error that says what is wrong, before memory is taken for it.</summary>
public sealed class NpyHostileTests
{
    private static readonly byte[] Good = NpyBytes.File(NpyBytes.Header("<f4", "(3,)"), NpyBytes.LittleEndian(1f, 2f, 3f));

    [Fact]
    public void A_file_truncated_at_any_byte_is_refused()
    {
        for (var length = 0; length < Good.Length; length++)
        {
            var error = Refused(Good[..length]);
            error.Code.ShouldBe(ErrorCodes.FileFormat, $"{length} bytes");
            error.Message.ShouldContain("'test.npy'");
            error.Message.ShouldContain("truncated");
        }
    }

    [Fact]
    public void A_byte_too_many_is_refused() => Refused([.. Good, 0]).Message.ShouldContain("follows the array");

    [Theory]
    [InlineData(0, 0x92, "x93NUMPY")]
    [InlineData(1, 'n', "x93NUMPY")]
    [InlineData(6, 0, "format 0.0")]
    [InlineData(6, 4, "format 4.0")]
    [InlineData(7, 1, "format 1.1")]
    public void A_wrong_start_is_refused(int index, int value, string expected)
    {
        var bytes = Good.ToArray();
        bytes[index] = (byte)value;
        var error = Refused(bytes);
        error.Code.ShouldBe(ErrorCodes.FileFormat);
        error.Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("(-1,)", "wanted a size of 0 or more")]
    [InlineData("(3)", "wanted a tuple such as (3,)")]
    [InlineData("(3.0,)", "in the shape")]
    [InlineData("(9223372036854775808,)", "does not fit 63 bits")]
    [InlineData("(1 2)", "wanted ',' or ')'")]
    [InlineData("(,)", "wanted a size of 0 or more")]
    [InlineData("(1,,2)", "wanted a size of 0 or more")]
    [InlineData("3", "wanted '('")]
    [InlineData("(__import__('os').system('true'),)", "wanted a size of 0 or more")]
    [InlineData("(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)", "more than 64 axes")]
    public void A_wrong_shape_is_refused_with_its_place(string shape, string expected)
    {
        var error = Refused(NpyBytes.File(NpyBytes.Header("<f4", shape), new byte[4]));
        error.Code.ShouldBe(ErrorCodes.FileFormat);
        error.Message.ShouldContain(expected);
        error.Message.ShouldContain("byte ");
    }

    [Theory]
    [InlineData("(9223372036854775807,)")]
    [InlineData("(4294967296, 4294967296)")]
    [InlineData("(4294967296, 4294967296, 4294967296)")]
    [InlineData("(2147483647, 8)")]
    public void A_huge_shape_is_refused_before_memory_is_taken(string shape)
    {
        var bytes = NpyBytes.File(NpyBytes.Header("<f8", shape), new byte[8]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(bytes).Code.ShouldBe(ErrorCodes.FileTooLarge);
        Should.Throw<InputException>(() => NpyReader.Read(new PipeStream(bytes), "pipe")).Code.ShouldBe(ErrorCodes.FileTooLarge);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
    }

    [Fact]
    public void A_large_shape_with_little_data_takes_no_memory_either()
    {
        var bytes = NpyBytes.File(NpyBytes.Header("<f4", "(1000000, 1000)"), new byte[100]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(bytes).Code.ShouldBe(ErrorCodes.FileFormat);
        Should.Throw<InputException>(() => NpyReader.Read(new PipeStream(bytes), "pipe")).Code.ShouldBe(ErrorCodes.FileFormat);

        // A pipe is read a mebibyte at a time.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(3 << 20);
    }

    [Theory]
    [InlineData("|O", ErrorCodes.FileFormat, "pickled Python objects")]
    [InlineData("<V2", ErrorCodes.InputDType, "bfloat16")]
    [InlineData("|V2", ErrorCodes.InputDType, "bfloat16")]
    [InlineData("<u2", ErrorCodes.InputDType, "signed")]
    [InlineData("<c8", ErrorCodes.InputDType, "complex")]
    [InlineData("<U5", ErrorCodes.InputDType, "not one of")]
    [InlineData("<M8[ns]", ErrorCodes.InputDType, "not one of")]
    [InlineData("<f16", ErrorCodes.InputDType, "not one of")]
    [InlineData("|f4", ErrorCodes.InputDType, "not one of")]
    [InlineData("", ErrorCodes.InputDType, "not one of")]
    [InlineData("<", ErrorCodes.InputDType, "not one of")]
    public void An_element_type_that_graphs_do_not_have_is_refused_with_the_reason(string descr, string code, string expected)
    {
        var error = Refused(NpyBytes.File(NpyBytes.Header(descr, "(1,)"), new byte[8]));
        error.Code.ShouldBe(code);
        error.Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "records with several fields")]
    [InlineData("{'descr': '<f4', 'fortran_order': 1, 'shape': (1,), }", "wanted True or False")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }", "is missing")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "each once")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", "got key 'x'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,) ", "got the end of the header")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + 1", "after the dictionary")]
    [InlineData("{'descr", "no closing quote")]
    [InlineData("{'\\u0000': 1}", "escape")]
    [InlineData("{descr: 1}", "wanted a quoted string")]
    [InlineData("", "got the end of the header")]
    public void A_header_that_is_no_such_dictionary_is_refused(string header, string expected)
    {
        var error = Refused(NpyBytes.File(header, new byte[4]));
        error.Code.ShouldBe(ErrorCodes.FileFormat);
        error.Message.ShouldContain(expected);
    }

    [Fact]
    public void A_header_that_claims_gigabytes_is_refused() =>
        Refused([0x93, .. "NUMPY"u8, 2, 0, 255, 255, 255, 127]).Message.ShouldContain("at most 65535");

    [Fact]
    public void Control_characters_of_a_file_do_not_reach_the_terminal() =>
        Refused(NpyBytes.File("{'\u001b[31m': 1}", [])).Message.ShouldNotContain("\u001b");

    [Fact]
    public void A_missing_file_and_a_directory_are_refused_by_name()
    {
        var missing = Should.Throw<InputException>(() => NpyReader.Load("no-such-file.npy"));
        missing.Code.ShouldBe(ErrorCodes.FileUnreadable);
        missing.Message.ShouldContain("no-such-file.npy");
        Should.Throw<InputException>(() => NpyReader.Load(Path.GetTempPath())).Code.ShouldBe(ErrorCodes.FileUnreadable);
    }

    [Fact]
    public void Damaged_files_give_an_array_or_a_typed_error_and_nothing_else()
    {
        var random = new Random(7);
        byte[] alphabet = [.. "{}()[]',:\"\\ \n<>|=TrueFalsdhpcwxLbuif0123456789-."u8, 0, 0x93, 255];
        var refused = 0;
        for (var round = 0; round < 50_000; round++)
        {
            var bytes = Good.ToArray();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = alphabet[random.Next(alphabet.Length)];
            }

            try
            {
                NpyReader.Read(new MemoryStream(bytes), "fuzz");
            }
            catch (InputException e)
            {
                e.Message.ShouldNotBeEmpty();
                refused++;
            }
        }

        refused.ShouldBeGreaterThan(10_000);
    }

    private static InputException Refused(byte[] bytes) => Should.Throw<InputException>(() => NpyReader.Read(new MemoryStream(bytes), "test.npy"));
}

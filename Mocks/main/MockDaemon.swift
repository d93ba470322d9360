internal import MockDepartments
internal import NIOHTTP1
print("x")
